/** The gate: approves exactly the digest that is on the screen, or sends it back with a comment. */
import { Anchor, Button, Code, Group, Stack, Text, Textarea, Title } from '@mantine/core'
import { titleOf } from '@sluice/proto/card.ts'
import { blockingFindings } from '@sluice/proto/story/review.ts'
import type { Gate, Story } from '@sluice/proto/story.ts'
import { useEffect, useRef, useState } from 'react'
import { Link } from 'wouter'
import { useKeys } from '../keys/use-keys.ts'
import { useCommand } from '../parts/command.ts'
import { useDraft } from '../parts/draft.ts'
import { useSay } from '../parts/say.ts'
import { count, shortId } from '../parts/words.ts'
import { Blocking, KeyHint, NotTaken, Sent } from './gate-words.tsx'
import { type Tab, tabOf } from './stages.ts'

/** A panel that just appeared under the pointer does not take the click that was meant for something else. */
const ARMED_AFTER_MS = 700

export function GatePanel({ story, gate, tab }: { story: Story; gate: Gate; tab: Tab }) {
  const [comment, setComment, forget] = useDraft(`${story.id}.${gate.gate}`)
  const [reason, setReason, forgetReason] = useDraft(`${story.id}.${gate.gate}.dismiss`)
  const [missing, setMissing] = useState<'comment' | 'reason' | null>(null)
  const [sent, setSent] = useState<string | null>(null)
  const armed = useArmed()
  const commentBox = useRef<HTMLTextAreaElement>(null)
  const reasonBox = useRef<HTMLTextAreaElement>(null)
  const { say: tell, keys } = useSay()
  const decide = useCommand((key, verb: 'approve' | 'reject', body: object) =>
    tell({
      id: story.id,
      verb,
      body,
      key,
      about: `${verb === 'approve' ? 'Approved' : 'Sent back'}: ${titleOf(story)}, ${gate.gate}.`,
    }),
  )
  const blocking = gate.gate === 'review' ? blockingFindings(story) : []
  const { digest } = gate

  async function decideOn(verb: 'approve' | 'reject', more: object): Promise<void> {
    setMissing(null)
    if (!(await decide.send(verb, { gate: gate.gate, digest, ...more }))) return
    forget()
    forgetReason()
    setSent(verb === 'approve' ? 'Approved.' : 'Sent back.')
  }

  function approve(): void {
    if (!armed) return
    if (blocking.length > 0 && !reason.trim()) {
      setMissing('reason')
      reasonBox.current?.focus()
      return
    }
    void decideOn('approve', {
      ...(comment.trim() ? { comment: comment.trim() } : {}),
      ...(blocking.length > 0 ? { dismiss: reason.trim() } : {}),
    })
  }

  function sendBack(): void {
    if (comment.trim()) return void decideOn('reject', { comment: comment.trim() })
    setMissing('comment')
    commentBox.current?.focus()
  }

  useKeys(keys ? { a: approve, s: () => commentBox.current?.focus() } : {})
  // Ctrl Enter sends what was typed the way it is meant: a comment sends back, a reason approves.
  const onEnter = (send: () => void) => (event: React.KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    send()
  }

  if (sent) return <Sent text={sent} />
  return (
    <Stack gap="sm" className="panel decision" role="group" aria-labelledby="gate">
      <Group justify="space-between" gap="xs">
        <Title order={2} size="h4" id="gate">
          {blocking.length > 0
            ? `${count(blocking.length, 'finding stands', 'findings stand')} in the way`
            : `Approve ${gate.gate}?`}
        </Title>
        <Text size="sm" c="dimmed">
          You decide on{' '}
          <Code title={digest} aria-label={`Digest ${digest}`}>
            {shortId(digest)}
          </Code>
          {tab !== tabOf(gate.gate) && (
            <>
              {' · '}
              <Anchor component={Link} href={`/stories/${story.id}/${tabOf(gate.gate)}`} size="sm" underline="always">
                look at it
              </Anchor>
            </>
          )}
        </Text>
      </Group>
      {blocking.length > 0 && <Blocking findings={blocking} />}
      {blocking.length > 0 && (
        <Textarea
          ref={reasonBox}
          label="Why these findings do not stand"
          description="Needed to approve over them; it is recorded with each."
          autosize
          minRows={2}
          value={reason}
          onKeyDown={onEnter(approve)}
          onChange={(event) => setReason(event.currentTarget.value)}
          error={missing === 'reason' && 'Approving over a finding needs a reason.'}
        />
      )}
      <Textarea
        ref={commentBox}
        label="Comment"
        description="Needed to send it back; said with an approval, it goes to whoever works next."
        autosize
        minRows={2}
        maxRows={12}
        value={comment}
        onKeyDown={onEnter(sendBack)}
        onChange={(event) => setComment(event.currentTarget.value)}
        error={missing === 'comment' && 'Say what should change.'}
      />
      {decide.error ? <NotTaken error={decide.error} /> : null}
      <Group gap="sm">
        <Button onClick={approve} disabled={!armed} loading={decide.busy}>
          {blocking.length > 0 ? 'Dismiss and approve' : 'Approve'}
          {keys && <KeyHint of="a" />}
        </Button>
        <Button variant="default" onClick={sendBack} disabled={!armed || decide.busy}>
          Send back
          {keys && <KeyHint of="s" />}
        </Button>
      </Group>
    </Stack>
  )
}

function useArmed(): boolean {
  const [armed, setArmed] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setArmed(true), ARMED_AFTER_MS)
    return () => clearTimeout(timer)
  }, [])
  return armed
}
