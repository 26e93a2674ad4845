/** A document out of the artifact store, Markdown shown as such. */
import { Anchor, Group, Skeleton, Stack, Text } from '@mantine/core'
import type { Artifact } from '@sluice/proto/parts.ts'
import { lazy, Suspense } from 'react'
import { artifactUrl, getText } from '../api.ts'
import { Trouble } from './problem.tsx'
import { useRemote } from './remote.ts'
import { bytes, shortId } from './words.ts'

const Markdown = lazy(() => import('./markdown.tsx'))

export function Document({ artifact }: { artifact: Artifact }) {
  const { data, error } = useRemote(artifact.sha256, () => getText(artifact.sha256))
  return (
    <Stack gap="xs">
      <ArtifactLink artifact={artifact} />
      {error ? <Trouble error={error} /> : null}
      {data === null && !error ? <Skeleton height={160} /> : null}
      {data !== null && (
        <Suspense fallback={<Skeleton height={160} />}>
          <Markdown text={data} />
        </Suspense>
      )}
    </Stack>
  )
}

/** The artifact itself, as plain text, by its content's name. */
export function ArtifactLink({ artifact, as = 'text/plain' }: { artifact: Artifact; as?: string }) {
  return (
    <Group gap="xs">
      <Anchor href={artifactUrl(artifact.sha256, as)} target="_blank" rel="noreferrer" size="sm">
        {artifact.name}
      </Anchor>
      <Text size="xs" c="dimmed" className="numbers">
        {bytes(artifact.bytes)} · {shortId(artifact.sha256)}
      </Text>
    </Group>
  )
}
