/** A whole story with Claude Code in every role: npm's `claude`, its own tools in the worktree, ours where it has none. */
import { defaultSettings } from '@sluice/cli/settings.ts'
import { claudeSettings } from '@sluice/kit/testing/claude-subject.ts'
import { expect, test } from 'vitest'
import { openLine } from '../testing/line.ts'
import { ownFiles, storyAbout } from '../testing/tiny-stories.ts'

const PATIENCE_MS = 240_000

test('every role works on Claude Code, and the story ships what was asked for', { timeout: 600_000 }, async () => {
  const story = storyAbout('harbour', ownFiles('harbour'))
  await using line = await openLine({
    ...{ stories: [story], patienceMs: PATIENCE_MS },
    settings: { ...defaultSettings, engine: 'claude-code', engines: { 'claude-code': claudeSettings() } },
  })
  const id = await line.submit(story)

  const shipped = await line.ship(id)

  expect(line.git('show', 'main:harbour.sh')).toBe('echo "harbour"')
  const said = line.events(id).filter((event) => /\.completed$/.test(event.type) && 'occupant' in event.data)
  const engines = new Map(
    said.map(({ source, data }) => [source, 'occupant' in data ? data.occupant.engine : undefined]),
  )
  for (const role of ['analyst', 'designer', 'architect', 'implementer', 'security', 'refactor', 'generic'])
    expect(engines.get(role), role).toBe('claude-code')
  expect(shipped.usage.outputTokens).toBeGreaterThan(0)
})
