/** REST as its OpenAPI document says it: every call, by what it is about. */
import { Anchor, Skeleton, Text, TextInput, Title } from '@mantine/core'
import { useMemo, useState } from 'react'
import { getContract } from '../api.ts'
import { Trouble } from '../parts/problem.tsx'
import { Prose } from '../parts/prose.tsx'
import { useRemote } from '../parts/remote.ts'
import { OpenApi, type Operation, speaksOf } from './contract.ts'
import { Entry } from './entry.tsx'
import { RestOperation } from './rest-operation.tsx'

export default function RestReference() {
  const { data, error } = useRemote('openapi.json', () => getContract('openapi.json', OpenApi))
  const [wanted, setWanted] = useState('')
  if (error) return <Trouble error={error} />
  if (!data) return <Skeleton height={320} />
  return (
    <>
      <Title order={1} size="h3">
        REST
      </Title>
      <Text>
        <Prose text={data.info.description} /> Version {data.info.version}, also as{' '}
        <Anchor href="/api/contracts/openapi.json">OpenAPI 3.1</Anchor>.
      </Text>
      <TextInput label="Find a call" value={wanted} onChange={(event) => setWanted(event.currentTarget.value)} />
      <Calls api={data} wanted={wanted} />
    </>
  )
}

type Call = { method: string; path: string; operation: Operation }

function Calls({ api, wanted }: { api: OpenApi; wanted: string }) {
  const calls = useMemo(() => callsOf(api), [api])
  const found = calls.filter(({ method, path, operation }) =>
    speaksOf(`${method} ${path} ${operation.operationId} ${operation.summary}`, wanted),
  )
  if (found.length === 0) return <Text c="dimmed">No call speaks of that.</Text>
  return api.tags.map(({ name, description }) => {
    const mine = found.filter(({ operation }) => operation.tags.includes(name))
    if (mine.length === 0) return null
    return (
      <section key={name} aria-label={name}>
        <Title order={2} size="h4">
          {name}
        </Title>
        <Text size="sm" c="dimmed">
          {description}
        </Text>
        {mine.map(({ method, path, operation }) => (
          <Entry
            key={operation.operationId}
            {...{ id: operation.operationId, badge: method.toUpperCase(), kind: method, title: path }}
            summary={operation.summary}
          >
            {() => <RestOperation operation={operation} schemas={api.components.schemas} />}
          </Entry>
        ))}
      </section>
    )
  })
}

const callsOf = ({ paths }: OpenApi): Call[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  )
