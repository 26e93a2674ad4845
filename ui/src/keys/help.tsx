/** Which keys there are, and the way to switch the single ones off. */
import { Button, Group, Kbd, Switch, Text, Title } from '@mantine/core'
import { usePreference } from '../parts/preference.ts'
import { Dialog } from './dialog.tsx'
import { shortcuts } from './shortcuts.ts'
import { singleKeys } from './use-keys.ts'

export default function Help({ onClose }: { onClose(): void }) {
  const [keys, setKeys] = usePreference(singleKeys)
  return (
    <Dialog label="Keys" onClose={onClose}>
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4">
          Keys
        </Title>
        <Button size="xs" variant="default" onClick={onClose}>
          Close
        </Button>
      </Group>
      <div className="keys">
        {shortcuts.map(({ where, keys: list }) => (
          <section key={where} aria-label={where}>
            <Title order={3} size="h6" mb={4}>
              {where}
            </Title>
            <dl>
              {list.map(([key, what]) => (
                <div key={key}>
                  <dt>{key.split(' ').map((one, i) => (one ? <Kbd key={`${one} ${String(i)}`}>{one}</Kbd> : null))}</dt>
                  <dd>{what}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <Switch
        mt="md"
        label="Single keys work"
        description="Off, only Ctrl K is left: for speech input, or a screen reader that uses letters itself."
        checked={keys === 'on'}
        onChange={(event) => setKeys(event.currentTarget.checked ? 'on' : 'off')}
      />
      <Text size="xs" c="dimmed" mt="xs">
        Where you type, keys are letters.
      </Text>
    </Dialog>
  )
}
