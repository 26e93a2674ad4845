/** What this browser keeps for the person: colours, notices, keys. */
import { Alert, Button, Group, Radio, Stack, Switch, Text, Title, useMantineColorScheme } from '@mantine/core'
import { singleKeys } from '../keys/use-keys.ts'
import { notices, useNoticePermission } from '../notices.ts'
import { usePreference } from '../parts/preference.ts'

export default function SettingsPage() {
  return (
    <Stack gap="lg" maw={640}>
      <Title order={1} size="h3">
        Settings
      </Title>
      <Text size="sm" c="dimmed">
        Kept in this browser. What Sluice itself does is set in your config.yaml: see docs/configuration.md.
      </Text>
      <Colours />
      <Notices />
      <SingleKeys />
    </Stack>
  )
}

function Colours() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <Radio.Group
      label="Colours"
      className="panel"
      value={colorScheme}
      onChange={(next) => setColorScheme(next as typeof colorScheme)}
    >
      <Group mt="xs">
        <Radio value="auto" label="As the system" />
        <Radio value="light" label="Light" />
        <Radio value="dark" label="Dark" />
      </Group>
    </Radio.Group>
  )
}

function Notices() {
  const [wanted, setWanted] = usePreference(notices)
  const { permission, ask } = useNoticePermission()
  const turnOn = async () => {
    if (permission === 'granted' || (await ask()) === 'granted') setWanted('on')
  }
  return (
    <Stack gap="xs" className="panel">
      <Switch
        label="Desktop notifications"
        description="When something new waits for you and you are not looking at this page. The browser asks you once."
        checked={wanted === 'on' && permission === 'granted'}
        disabled={permission === 'unsupported'}
        onChange={(event) => (event.currentTarget.checked ? void turnOn() : setWanted('off'))}
      />
      {permission === 'denied' && (
        <Alert color="attention" variant="light">
          <Text size="sm">
            This browser was told not to show notifications of this page. Allow them in the browser’s settings of this
            address, then switch them on here.
          </Text>
        </Alert>
      )}
      {permission === 'unsupported' && <Text size="sm">This browser shows no notifications.</Text>}
      {permission === 'granted' && wanted === 'on' && (
        <Group>
          <Button
            size="xs"
            variant="default"
            onClick={() => new Notification('Sluice', { body: 'This is how it looks.', tag: 'sluice-trial' })}
          >
            Show one
          </Button>
        </Group>
      )}
    </Stack>
  )
}

function SingleKeys() {
  const [keys, setKeys] = usePreference(singleKeys)
  return (
    <div className="panel">
      <Switch
        label="Single keys"
        description="j, k, a, s and the like; press ? to see them all. Off, only Ctrl K is left."
        checked={keys === 'on'}
        onChange={(event) => setKeys(event.currentTarget.checked ? 'on' : 'off')}
      />
    </div>
  )
}
