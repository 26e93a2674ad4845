/** The bus as its AsyncAPI document says it: every subject, who says it, who hears it, and what each user may. */
import { Anchor, Skeleton, Text, TextInput, Title } from '@mantine/core'
import { useState } from 'react'
import { getContract } from '../api.ts'
import { Trouble } from '../parts/problem.tsx'
import { Prose } from '../parts/prose.tsx'
import { useRemote } from '../parts/remote.ts'
import { BusSubject } from './bus-subject.tsx'
import { AsyncApi, type Channel, speaksOf } from './contract.ts'
import { Entry } from './entry.tsx'

export default function BusReference() {
  const { data, error } = useRemote('asyncapi.json', () => getContract('asyncapi.json', AsyncApi))
  const [wanted, setWanted] = useState('')
  if (error) return <Trouble error={error} />
  if (!data) return <Skeleton height={320} />
  const channels = Object.entries(data.channels).filter(
    ([name, { address, description }]) => address !== null && speaksOf(`${name} ${address} ${description}`, wanted),
  )
  const events = channels.filter(([, channel]) => channel['x-kept'] === 'STORY')
  const others = channels.filter(([, channel]) => channel['x-kept'] !== 'STORY')
  return (
    <>
      <Title order={1} size="h3">
        The bus
      </Title>
      <Text>
        <Prose text={data.info.description} /> Version {data.info.version}, also as{' '}
        <Anchor href="/api/contracts/asyncapi.json">AsyncAPI 3.0</Anchor>.
      </Text>
      <TextInput label="Find a subject" value={wanted} onChange={(event) => setWanted(event.currentTarget.value)} />
      {channels.length === 0 && <Text c="dimmed">No subject speaks of that.</Text>}
      <Subjects title="Events" channels={events} api={data} />
      <Subjects title="What else is said" channels={others} api={data} />
      {wanted === '' && <Users api={data} />}
    </>
  )
}

function Subjects({ title, channels, api }: { title: string; channels: [string, Channel][]; api: AsyncApi }) {
  if (channels.length === 0) return null
  return (
    <section aria-label={title}>
      <Title order={2} size="h4">
        {title}
      </Title>
      {channels.map(([name, channel]) => (
        <Entry
          key={name}
          {...{ id: name, badge: kindOf(channel, api, name), kind: kindOf(channel, api, name), title: name }}
          summary={channel.description}
        >
          {() => <BusSubject name={name} channel={channel} api={api} />}
        </Entry>
      ))}
    </section>
  )
}

function kindOf(channel: Channel, api: AsyncApi, name: string): string {
  if (channel['x-kept'] === 'STORY') return 'event'
  if (`${name}.reply` in api.channels) return 'asked'
  return channel['x-kept'] ? 'kept' : 'said'
}

function Users({ api }: { api: AsyncApi }) {
  const about = new Map(api.info.tags.map(({ name, description }) => [name, description]))
  return (
    <section aria-label="Users">
      <Title order={2} size="h4">
        Users
      </Title>
      <Text size="sm" c="dimmed">
        What the broker lets each say and hear, whatever it tries.
      </Text>
      {Object.entries(api['x-users']).map(([name, { publish, subscribe }]) => (
        <Entry
          key={name}
          {...{ id: `user-${name}`, badge: 'user', kind: 'user', title: name, summary: about.get(name) ?? '' }}
        >
          {() => (
            <>
              <Patterns title="May say" patterns={publish} />
              <Patterns title="May hear" patterns={subscribe} />
            </>
          )}
        </Entry>
      ))}
    </section>
  )
}

const Patterns = ({ title, patterns }: { title: string; patterns: readonly string[] }) => (
  <>
    <h3>{title}</h3>
    <ul className="fields">
      {patterns.map((pattern) => (
        <li key={pattern}>
          <code>{pattern}</code>
        </li>
      ))}
    </ul>
  </>
)
