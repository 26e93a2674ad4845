/** The terminal of a running agent, as it is now and as it goes on; shown from the moment there is one. */
import { Badge, Button, Checkbox, Group, Text } from '@mantine/core'
import { TermFrame, termSubject } from '@sluice/proto/term.ts'
import { useEffect, useRef, useState } from 'react'
import { getScreen, typeKeys } from '../api.ts'
import { useConnection, useLive } from '../live/hooks.ts'
import { Trouble } from '../parts/problem.tsx'
import { type Feed, feedOf } from './feed.ts'
import './terminal.css'
import { useScreen } from './use-screen.ts'

type Of = { storyId: string; source: string; runId: string }
type State = 'none' | 'open' | 'ended'

/** The size of an agent's terminal before a frame has said it. */
const USUAL = { cols: 120, rows: 36 }

export default function LiveTerminal({ storyId, source, runId }: Of) {
  const live = useLive()
  const isAway = useConnection().state === 'away'
  const [state, setState] = useState<State>('none')
  const [paused, setPaused] = useState(false)
  const [readAloud, setReadAloud] = useState(false)
  const [taken, setTaken] = useState(false)
  const [refused, setRefused] = useState<unknown>(null)
  const { place, screen } = useScreen(USUAL, readAloud)
  const following = useRef(true)
  const feed = useRef<Feed | null>(null)

  useEffect(() => {
    if (!screen) return
    const ask = async () => {
      const now = await getScreen(storyId, source, runId)
      if (now) setState('open')
      return now
    }
    const mine = feedOf(screen, ask)
    feed.current = mine
    const hear = (_: string, body: unknown) => {
      const { data: frame } = TermFrame.safeParse(body)
      if (!frame) return
      setState(frame.ended ? 'ended' : 'open')
      // What comes while it is held is made up by the whole screen.
      if (following.current) mine.hear(frame)
    }
    return live.watch(termSubject(source, storyId, runId), hear, mine.renew)
  }, [live, screen, storyId, source, runId])

  function take(on: boolean): void {
    setTaken(on)
    setRefused(null)
    // One after another: keys that overtake each other are another word.
    let last: Promise<unknown> = Promise.resolve()
    const send = (data: string) => {
      last = last
        .then(() => typeKeys({ storyId, source, runId }, data))
        .catch((error: unknown) => {
          setRefused(error)
          setTaken(false)
          screen?.type(null)
        })
    }
    screen?.type(on ? send : null)
  }

  function hold(on: boolean): void {
    following.current = !on
    setPaused(on)
    if (on) return
    feed.current?.renew()
    screen?.toEnd()
  }

  return (
    <section
      className="terminal"
      aria-label={`Terminal of ${source}`}
      data-stale={isAway || undefined}
      hidden={state === 'none'}
    >
      <Group justify="space-between" gap="xs" className="terminal-bar">
        <Group gap="xs">
          {taken && (
            <Badge size="sm" color="attention">
              You have it
            </Badge>
          )}
          <Badge size="sm" variant="dot" color={state === 'open' && !paused && !isAway ? 'teal' : 'gray'}>
            {state === 'ended' ? 'Ended' : isAway ? 'Not live' : paused ? 'Held' : 'Live'}
          </Badge>
          <Text size="xs" c="dimmed">
            {taken ? 'Your keys go to the agent.' : 'Read only. Arrows scroll.'}
          </Text>
        </Group>
        <Group gap="xs">
          <Checkbox
            size="xs"
            label="For a screen reader"
            checked={readAloud}
            onChange={(event) => setReadAloud(event.currentTarget.checked)}
          />
          <Button
            size="compact-xs"
            variant={taken ? 'filled' : 'default'}
            onClick={() => take(!taken)}
            disabled={state !== 'open' || isAway}
          >
            {taken ? 'Hand back' : 'Take over'}
          </Button>
          <Button size="compact-xs" variant="default" onClick={() => hold(!paused)} disabled={state === 'ended'}>
            {paused ? 'Follow' : 'Hold'}
          </Button>
        </Group>
      </Group>
      {refused ? <Trouble error={refused} /> : null}
      <div ref={place} className="terminal-screen" />
    </section>
  )
}
