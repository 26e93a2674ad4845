/** An agent that is given what the person attached to its story, and a hearing that brings files along before it tells of them. */
import type { Event } from '@sluice/proto/events.ts'
import type { Artifact } from '@sluice/proto/parts.ts'
import type { Agent } from './agent.ts'
import type { Artifacts } from './artifacts.ts'
import { attachedContent, placeAttached } from './attached.ts'
import type { Hearing } from './hearing.ts'

/** At the end of its prompt; what comes with words is told with them. */
export function withAttached(
  agent: Agent,
  { request, role, artifacts, dir }: { request: Event; role: string; artifacts: Artifacts; dir: string },
): Agent {
  const given = attachmentsFor(request, role)
  if (given.length === 0) return agent
  return {
    async run(task) {
      if (task.place) await placeAttached(given, { artifacts, dir })
      const content = await attachedContent(given, { artifacts, dir: task.place ? dir : null })
      return agent.run({ ...task, prompt: [...task.prompt, ...content] })
    },
  }
}

function attachmentsFor({ data }: Event, role: string): readonly Artifact[] {
  if (!('attachments' in data) || !('deadline' in data)) return []
  const told = new Set(data.steered?.[role]?.flatMap((words) => (words.attachments ?? []).map(({ sha256 }) => sha256)))
  return (data.attachments ?? []).filter(({ sha256 }) => !told.has(sha256))
}

export const withFiles = (hearing: Hearing, about: { artifacts: Artifacts; dir: string }): Hearing => ({
  listen: (hear) =>
    hearing.listen(async (said) => {
      if (said.do === 'steer' && said.attachments) await placeAttached(said.attachments, about)
      return hear(said)
    }),
})
