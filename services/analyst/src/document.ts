/** `requirements.md`: the requirements as a person reads them, and as they land in the story's branch. */
import type { Requirements } from '@sluice/proto/parts.ts'

export function requirementsDocument(r: Requirements): string {
  const list = (items: string[]) => items.map((item) => `- ${item}`).join('\n')
  const section = (title: string, body: string) => (body ? `## ${title}\n\n${body}\n` : '')
  return [
    `# ${r.title}\n`,
    section('User stories', list(r.userStories)),
    section('Acceptance criteria', r.criteria.map((c) => `- **${c.id}** ${c.text}`).join('\n')),
    section('Out of scope', list(r.outOfScope)),
    section('Assumptions', list(r.assumptions)),
    section('Contradictions', r.contradictions.map((c) => `- ${c.criteria.join(', ')}: ${c.problem}`).join('\n')),
  ]
    .filter(Boolean)
    .join('\n')
}
