/** The terminal of a running agent: its screen for who comes late, and for programs its frames as an event stream. */
import { askScreen } from '@sluice/kit/ctl.ts'
import { watchTerminals } from '@sluice/kit/terminals.ts'
import { stepsOf } from '@sluice/proto/story/steps.ts'
import type { Story } from '@sluice/proto/story.ts'
import type { TermEvent } from '@sluice/proto/term.ts'
import type { Context } from 'hono'
import { streamSSE } from 'hono/streaming'
import type { Web } from './app.ts'
import { refuse } from './refused.ts'

/** How often a stream is looked at: whether its story still runs, and its reader still listens. */
const LOOK_MS = 5_000

export async function screenOf({ bus }: Web, of: { source: string; storyId: string; runId: string }) {
  const screen = await askScreen(bus, of)
  return screen ?? refuse(404, 'This run shows no terminal now.', 'Look at its recording once it has ended.')
}

/** Until the story ends or its reader leaves. Read only: nothing that is typed reaches the agent. */
export function streamTerminal(c: Context, { bus, stories }: Web, storyId: string): Response {
  return streamSSE(c, async (stream) => {
    const left = Promise.withResolvers<void>()
    stream.onAbort(left.resolve)
    const show = (event: TermEvent) => void stream.writeSSE({ event: 'frame', data: JSON.stringify(event) })
    const running = runningIn(stories.get(storyId)?.story ?? null)
    using _watching = await watchTerminals(bus, { storyId, running }, show)
    while (!stream.aborted && stories.get(storyId)?.story) {
      await stream.writeSSE({ event: 'alive', data: '' })
      await Promise.race([stream.sleep(LOOK_MS), left.promise])
    }
  })
}

/** A run is named by its request. */
const runningIn = (story: Story | null): { source: string; runId: string }[] =>
  story
    ? stepsOf(story).flatMap(({ role, step }) => (step.at === 'asked' ? [{ source: role, runId: step.request }] : []))
    : []
