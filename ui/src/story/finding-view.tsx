/** One finding: how grave, what it says, on what evidence, and what became of it. */
import { Anchor, Badge, Button, Code, Group, Stack, Text, Textarea } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import type { Finding, Severity } from '@sluice/proto/parts.ts'
import { blockingFindings } from '@sluice/proto/story/review.ts'
import type { Story } from '@sluice/proto/story.ts'
import { Link } from 'wouter'
import { command } from '../api.ts'
import { useCommand } from '../parts/command.ts'
import { useDraft } from '../parts/draft.ts'
import { Trouble } from '../parts/problem.tsx'
import { Prose } from '../parts/prose.tsx'
import { standingOf } from './rounds.ts'

const colours: Record<Severity, string> = { high: 'red.8', medium: 'attention', low: 'blue.8', info: 'gray.7' }

/** `anchored`: it stands beside its lines, and can be jumped to; elsewhere its place leads there. */
export function FindingView({ finding, story, anchored }: { finding: Finding; story: Story; anchored?: boolean }) {
  const { severity, blocking, seat, claim, evidence, criterion, cwe, owasp, suggestion, personOnly } = finding
  const standing = standingOf(story, finding)
  const dismissable = standing.is === 'open' && blockingFindings(story).some(({ id }) => id === finding.id)
  return (
    <article
      className="finding"
      data-severity={severity}
      data-standing={standing.is}
      aria-label={claim}
      {...(anchored ? { id: `finding-${finding.id}`, tabIndex: -1 } : {})}
    >
      <Group gap={6}>
        <Badge size="sm" color={colours[severity]}>
          {severity}
        </Badge>
        {blocking && (
          <Badge size="sm" variant="default">
            blocks
          </Badge>
        )}
        <Text size="xs" c="dimmed">
          {seat}
        </Text>
        <Where finding={finding} {...(anchored ? {} : { storyId: story.id })} />
        {criterion && <Badge size="sm" variant="light">{`against ${criterion}`}</Badge>}
        {cwe && <Cwe name={cwe} />}
        {owasp && (
          <Badge size="sm" variant="light" color="gray" tt="none">
            OWASP {owasp.replace(/^OWASP\s+/i, '')}
          </Badge>
        )}
        {standing.is !== 'open' && (
          <Badge size="sm" color="gray" variant="light">
            {standing.is}
          </Badge>
        )}
      </Group>
      <Text size="sm" fw={600}>
        <Prose text={claim} />
      </Text>
      {evidence && (
        <Text size="sm" className="asked">
          <Prose text={evidence} />
        </Text>
      )}
      {suggestion && (
        <Code block className="suggestion">
          {suggestion}
        </Code>
      )}
      {personOnly && standing.is === 'open' && (
        <Text size="xs" c="dimmed">
          The change touched what judges it: only you may dismiss this.
        </Text>
      )}
      {standing.is === 'dismissed' && (
        <Text size="sm" c="dimmed">
          Dismissed by {standing.by}: {standing.reason}
        </Text>
      )}
      {dismissable && <Dismissing finding={finding} storyId={story.id} />}
    </article>
  )
}

function Where({ finding: { id, path, startLine, endLine }, storyId }: { finding: Finding; storyId?: string }) {
  if (!path) return null
  const lines = startLine ? `:${startLine}${endLine && endLine !== startLine ? `–${endLine}` : ''}` : ''
  const text = (
    <Text span size="xs" ff="monospace">
      {path}
      {lines}
    </Text>
  )
  return storyId ? <Link href={`/stories/${storyId}/changes#finding-${id}`}>{text}</Link> : text
}

function Cwe({ name }: { name: string }) {
  const number = /\d+/.exec(name)?.[0]
  const label = number ? `CWE-${number}` : name
  if (!number) return <Badge size="sm">{label}</Badge>
  return (
    <Anchor
      href={`https://cwe.mitre.org/data/definitions/${number}.html`}
      target="_blank"
      rel="noopener noreferrer"
      size="xs"
    >
      {label}
    </Anchor>
  )
}

function Dismissing({ finding, storyId }: { finding: Finding; storyId: string }) {
  const [open, { toggle, close }] = useDisclosure(false)
  const [reason, setReason, forget] = useDraft(`${storyId}.dismiss.${finding.id}`)
  const dismiss = useCommand((key) =>
    command(storyId, 'dismiss', { findingId: finding.id, reason: reason.trim() }, key).then(() => {
      forget()
      close()
    }),
  )
  if (!open)
    return (
      <div>
        <Button size="compact-xs" variant="default" onClick={toggle}>
          Dismiss…
        </Button>
      </div>
    )
  return (
    <Stack gap="xs">
      <Textarea
        label="Why it does not stand"
        autosize
        minRows={2}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      {dismiss.error ? <Trouble error={dismiss.error} /> : null}
      <Group gap="xs">
        <Button size="xs" disabled={!reason.trim()} loading={dismiss.busy} onClick={() => void dismiss.send()}>
          Dismiss the finding
        </Button>
        <Button size="xs" variant="default" onClick={close}>
          Keep it
        </Button>
      </Group>
    </Stack>
  )
}
