/** A whole story with every role carried by somebody else's agent over the Agent Client Protocol: real programs, a scripted model. */
import { defaultSettings } from '@sluice/cli/settings.ts'
import { claudeAgent, opencode } from '@sluice/kit/testing/acp-agents.ts'
import type { Event } from '@sluice/proto/events.ts'
import { expect, test } from 'vitest'
import { openLine } from '../testing/line.ts'
import { ownFiles, storyAbout } from '../testing/tiny-stories.ts'

const agents = { 'acp:opencode': opencode(), 'acp:claude': claudeAgent() }

test.each(Object.keys(agents))('%s carries every role of a story to the base', { timeout: 600_000 }, async (engine) => {
  const story = storyAbout('what an agent of another’s does', ownFiles('acp'))
  const settings = { ...defaultSettings, engine, engines: agents }
  await using line = await openLine({ stories: [story], settings, patienceMs: 240_000 })

  const id = await line.submit(story)
  await line.ship(id)

  expect(line.git('show', 'main:acp.sh')).toBe('echo "acp"')
  const worked = line.events(id).flatMap((event) => occupantOf(event) ?? [])
  expect(new Set(worked.map(({ engine }) => engine))).toEqual(new Set([engine]))
})

const occupantOf = ({ data }: Event) => {
  const { occupant } = data as { occupant?: { engine?: string } }
  return occupant?.engine ? occupant : undefined
}
