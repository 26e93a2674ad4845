/** What is on the table now beside what was there before: at a gate that opens again, and when it changed under one's eyes. */
import { Skeleton, Text } from '@mantine/core'
import type { Event } from '@sluice/proto/events.ts'
import type { Artifact } from '@sluice/proto/parts.ts'
import type { Gate } from '@sluice/proto/story.ts'
import { useMemo } from 'react'
import { getText } from '../api.ts'
import '../diff/diff.css'
import { FileView } from '../diff/file-view.tsx'
import { patchBetween } from '../diff/line-patch.ts'
import { useDiffOptions } from '../diff/options.ts'
import { Trouble } from '../parts/problem.tsx'
import { useRemote } from '../parts/remote.ts'
import { versionsOf } from './versions.ts'

export default function Changed({ gate, events }: { gate: Gate; events: readonly Event[] }) {
  const { before, now } = useMemo(() => versionsOf(events, gate.gate), [events, gate.gate])
  if (!before || !now) return null
  return (
    <details className="file">
      <summary>
        Changed since it was last handed in: <span className="mono">{now.name}</span>
      </summary>
      <Between before={before} now={now} />
    </details>
  )
}

const nothing = () => {}

function Between({ before, now }: { before: Artifact; now: Artifact }) {
  const { shape } = useDiffOptions()
  const { data, error } = useRemote(`${before.sha256} ${now.sha256}`, () =>
    Promise.all([getText(before.sha256), getText(now.sha256)]),
  )
  const file = useMemo(() => data && patchBetween(now.name, ...data), [data, now.name])
  if (error) return <Trouble error={error} />
  if (!data) return <Skeleton height={80} />
  if (!file)
    return (
      <Text size="sm" c="dimmed" p="xs">
        Not a word of it: only what belongs to it is new.
      </Text>
    )
  return <FileView file={file} shape={shape} ignoreSpace={false} isOpen onToggle={nothing} />
}
