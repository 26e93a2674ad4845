/** Who shall sit in a seat: one of Sluice's own, a command it keeps running, or a program the person runs. */
import { Radio, Select, Stack, TextInput } from '@mantine/core'
import { defaultSeats } from '@sluice/proto/pipeline.ts'
import type { Typed } from './sitting.ts'

const builtins = defaultSeats.filter((seat) => seat !== 'checks')

const kinds = [
  ['command', 'A command that Sluice keeps running', 'Any language: it is told where the bus and REST are.'],
  ['external', 'A program that you run yourself', 'It finds all it needs in the seat’s file.'],
  ['builtin', 'One of Sluice’s own', 'A model looks at the change.'],
] as const

export function SittingForm({ typed, onType }: { typed: Typed; onType(next: Typed): void }) {
  const write = (more: Partial<Typed>) => onType({ ...typed, ...more })
  return (
    <Stack gap="xs">
      <Radio.Group
        label="Who sits there?"
        value={typed.kind}
        onChange={(kind) => write({ kind: kind as Typed['kind'] })}
      >
        <Stack gap={6} mt={6}>
          {kinds.map(([kind, label, description]) => (
            <Radio key={kind} value={kind} label={label} description={description} />
          ))}
        </Stack>
      </Radio.Group>
      {typed.kind === 'command' && (
        <>
          <TextInput
            label="Command"
            placeholder="python3 reviewer.py"
            ff="monospace"
            value={typed.command}
            onChange={(event) => write({ command: event.currentTarget.value })}
          />
          <TextInput
            label="Directory"
            placeholder="/home/me/reviewers"
            value={typed.directory}
            onChange={(event) => write({ directory: event.currentTarget.value })}
          />
        </>
      )}
      {typed.kind === 'builtin' && (
        <Select
          label="Reviewer"
          data={[...builtins]}
          value={typed.program || null}
          onChange={(program) => write({ program: program ?? '' })}
          maw={260}
        />
      )}
    </Stack>
  )
}
