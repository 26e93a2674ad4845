/** What an implementer is told: the story, its approved documents, and what the last round left to mend. */
import { approvedText } from '@sluice/kit/approved-text.ts'
import type { Artifacts } from '@sluice/kit/artifacts.ts'
import { recalledTexts } from '@sluice/kit/remembered.ts'
import type { Recalled } from '@sluice/kit/role.ts'
import type { Finding } from '@sluice/proto/parts.ts'
import type { Asked } from './implementer.ts'

export async function promptFor(
  data: Asked,
  { recalled, artifacts, soFar }: { recalled: Recalled; artifacts: Artifacts; soFar: string | null },
): Promise<string> {
  const { approved, config, findings, feedback, onto, answers, round } = data
  const plan = await artifacts.get(approved.architectureDocument)
  const tasks = approved.tasks.map((t) => `${t.id} ${t.title} (${t.criteria.join(', ')})\n${t.detail}`).join('\n\n')
  const html = await artifacts.get(approved.design.html)
  return [
    `<request round="${round}">\n${data.text}\n</request>`,
    ...approvedText({ approved, answers }),
    `<plan>\n${plan}\n</plan>`,
    `<tasks>\n${tasks}\n</tasks>`,
    `<design-html digest="${approved.design.digest}">\n${html}\n</design-html>`,
    `<set-up>\n${config.setup ?? 'The project names none.'}\n</set-up>`,
    `<checks>\n${config.checks.map((c) => `${c.name}: ${c.command}`).join('\n') || 'The project names none.'}\n</checks>`,
    ...(soFar === null ? [] : [soFar]),
    ...(onto ? [conflictText(onto)] : []),
    ...findings.map(findingText),
    ...feedback.map((f) => `<sent-back at="${f.at}">\n${f.comment}\n</sent-back>`),
    ...recalledTexts(recalled),
  ].join('\n\n')
}

function conflictText({ commit, conflicts }: NonNullable<Asked['onto']>): string {
  const marked =
    conflicts.length > 0 ? `These files hold conflict marks: ${conflicts.join(', ')}.` : 'It merged there by itself.'
  return `<new-base commit="${commit.slice(0, 12)}">\nThe base branch moved on. The story's work was put on it. ${marked}\n</new-base>`
}

function findingText(f: Finding): string {
  const where = f.path ? ` at="${f.path}${f.startLine ? `:${f.startLine}` : ''}"` : ''
  const kind = [f.cwe, f.owasp].filter(Boolean).join(', ')
  const rest = [f.evidence, f.suggestion ? `Suggestion: ${f.suggestion}` : ''].filter(Boolean).join('\n')
  return `<finding id="${f.id}" reviewer="${f.seat}" severity="${f.severity}"${where}${kind ? ` kind="${kind}"` : ''}>\n${f.claim}\n${rest}\n</finding>`
}
