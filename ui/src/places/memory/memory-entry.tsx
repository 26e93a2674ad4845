/** One entry of memory: what it tells, its marks, and what a person can do about it. */
import { Anchor, Badge, Button, Group, Text } from '@mantine/core'
import type { MemoryHit } from '@sluice/proto/rest.ts'
import { useState } from 'react'
import { Link } from 'wouter'
import { speakOfMemory } from '../../api.ts'
import { useCommand } from '../../parts/command.ts'
import { Trouble } from '../../parts/problem.tsx'
import { At } from '../../parts/time.tsx'
import { shortId } from '../../parts/words.ts'
import { MemoryEdit } from './memory-edit.tsx'
import { MemoryOrigin } from './memory-origin.tsx'

export function MemoryEntry({ hit, onSaid }: { hit: MemoryHit; onSaid: () => void }) {
  const [forgotten, setForgotten] = useState(false)
  const [open, setOpen] = useState<'edit' | 'origin' | null>(null)
  const command = useCommand((key: string, verb: 'edit' | 'pin' | 'forget', body: unknown) =>
    speakOfMemory(hit.entry, verb, body, key),
  )
  const say = async (verb: 'edit' | 'pin' | 'forget', body: unknown): Promise<boolean> => {
    const taken = await command.send(verb, body)
    if (taken) onSaid()
    return taken
  }
  const forget = async (forgotten: boolean) => {
    if (await say('forget', { forgotten })) setForgotten(forgotten)
  }
  const toggle = (what: 'edit' | 'origin') => setOpen(open === what ? null : what)
  if (forgotten)
    return (
      <li className="panel">
        <Group justify="space-between">
          <Text size="sm" role="status">
            “{hit.title}” is forgotten: no agent is told of it any more.
          </Text>
          <Button size="compact-sm" variant="light" loading={command.busy} onClick={() => void forget(false)}>
            Undo
          </Button>
        </Group>
        {command.error ? <Trouble error={command.error} /> : null}
      </li>
    )
  return (
    <li className="panel" aria-label={hit.title}>
      <Group justify="space-between" align="start" gap="xs">
        <Name hit={hit} />
        <Text size="xs" c="dimmed">
          <At at={hit.at} /> · <span className="memory-commit">{shortId(hit.commit)}</span>
        </Text>
      </Group>
      <Marks hit={hit} />
      <Text size="sm" className="memory-text">
        {hit.summary}
      </Text>
      <Group gap={4} mt={4}>
        {hit.files.map((file) => (
          <Badge key={file} variant="light" color="gray" size="sm" tt="none" ff="monospace" className="wide">
            {file}
          </Badge>
        ))}
      </Group>
      <Group gap="xs" mt="xs">
        <Button size="compact-sm" variant="default" aria-expanded={open === 'origin'} onClick={() => toggle('origin')}>
          Where it came from
        </Button>
        <Button size="compact-sm" variant="default" aria-expanded={open === 'edit'} onClick={() => toggle('edit')}>
          Edit
        </Button>
        <Button
          size="compact-sm"
          variant="default"
          disabled={command.busy}
          aria-pressed={hit.pinned}
          onClick={() => void say('pin', { pinned: !hit.pinned })}
        >
          {hit.pinned ? 'Unpin' : 'Pin'}
        </Button>
        <Button size="compact-sm" variant="default" disabled={command.busy} onClick={() => void forget(true)}>
          Forget
        </Button>
      </Group>
      {command.error ? <Trouble error={command.error} /> : null}
      {open === 'origin' && <MemoryOrigin entry={hit.entry} storyId={hit.storyId} />}
      {open === 'edit' && (
        <MemoryEdit
          hit={hit}
          busy={command.busy}
          onSave={async (body) => {
            if (await say('edit', body)) setOpen(null)
          }}
        />
      )}
    </li>
  )
}

function Name({ hit }: { hit: MemoryHit }) {
  if (hit.storyId === null) return <Text fw={600}>{hit.title}</Text>
  return (
    <Anchor component={Link} href={`/stories/${hit.storyId}`} fw={600}>
      {hit.title}
    </Anchor>
  )
}

function Marks({ hit }: { hit: MemoryHit }) {
  return (
    <Group gap={4} my={4}>
      {hit.origin === 'history' && (
        <Badge variant="outline" color="gray" size="sm" tt="none" className="wide">
          From history, not a story
        </Badge>
      )}
      {hit.pinned && (
        <Badge variant="filled" color="teal.9" size="sm" tt="none">
          Pinned
        </Badge>
      )}
      {hit.edited && (
        <Badge variant="light" color="gray" size="sm" tt="none">
          Edited
        </Badge>
      )}
      {hit.reverted && (
        <Badge variant="filled" color="red.8" size="sm" tt="none" className="wide">
          Reverted by {shortId(hit.reverted)}: no agent is told of it
        </Badge>
      )}
    </Group>
  )
}
