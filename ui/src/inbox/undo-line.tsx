/** What was just decided, and the way back while there is one. */
import { Button, Kbd, Text } from '@mantine/core'
import type { Letter } from './outbox.ts'

export function UndoLine({ held, onUndo }: { held: Letter | null; onUndo(): void }) {
  return (
    <div role="status" className="undo" data-any={held !== null || undefined}>
      {held && (
        <>
          <Text size="sm">{held.about}</Text>
          <Button size="compact-sm" variant="white" color="dark" onClick={onUndo} rightSection={<Kbd size="xs">u</Kbd>}>
            Undo
          </Button>
        </>
      )}
    </div>
  )
}
