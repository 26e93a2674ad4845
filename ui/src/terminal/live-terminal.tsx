/** The terminal of a running agent, as it is now and as it goes on; shown from the moment there is one. */
import { Badge, Button, Checkbox, Group, Text } from '@mantine/core'
import { TermFrame, termSubject } from '@sluice/proto/term.ts'
import { useEffect, useRef, useState } from 'react'
import { getScreen } from '../api.ts'
import { useConnection, useLive } from '../live/hooks.ts'
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
          <Badge size="sm" variant="dot" color={state === 'open' && !paused && !isAway ? 'teal' : 'gray'}>
            {state === 'ended' ? 'Ended' : isAway ? 'Not live' : paused ? 'Held' : 'Live'}
          </Badge>
          <Text size="xs" c="dimmed">
            Read only. Arrows scroll.
          </Text>
        </Group>
        <Group gap="xs">
          <Checkbox
            size="xs"
            label="For a screen reader"
            checked={readAloud}
            onChange={(event) => setReadAloud(event.currentTarget.checked)}
          />
          <Button size="compact-xs" variant="default" onClick={() => hold(!paused)} disabled={state === 'ended'}>
            {paused ? 'Follow' : 'Hold'}
          </Button>
        </Group>
      </Group>
      <div ref={place} className="terminal-screen" />
    </section>
  )
}
