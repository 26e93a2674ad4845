/** The role whose replicas are counted: one request at a time, one call of a model by the real engine for each. */
import { completed } from '@sluice/kit/outcome.ts'
import { defineRole, type Role } from '@sluice/kit/role.ts'
import { Scope, ScopeRequested } from '@sluice/proto/events.ts'
import { Requirements } from '@sluice/proto/parts.ts'

const document = { sha256: '1'.repeat(64), bytes: 1_024, mediaType: 'text/markdown', name: 'requirements.md' }

export const worker = defineRole({
  ...{ name: 'worker', takes: ScopeRequested, gives: Scope, uses: ['agent'] as const },
  async answer({ data }, { agent, signal }) {
    const prompt = [{ type: 'text' as const, text: data.text }]
    const { output } = await agent.run({ system: 'You write requirements.', prompt, output: Requirements, signal })
    return completed({ requirements: output, document })
  },
})

/** Served and connected as any role is. */
export const workerRole = worker as unknown as Role

export const requirements = {
  title: 'Keep drafts',
  userStories: ['As a writer I want my draft kept.'],
  criteria: [{ id: 'C1', text: 'When the tab is closed, the app shall keep the draft.' }],
  outOfScope: [],
  assumptions: [],
  contradictions: [],
}
