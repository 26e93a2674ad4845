/** The architect: plans how approved requirements and design are built in this project, as a document and tasks. */

import { approvedText } from '@sluice/kit/approved-text.ts'
import type { Artifacts } from '@sluice/kit/artifacts.ts'
import { completed } from '@sluice/kit/outcome.ts'
import { pictureContent } from '@sluice/kit/pictures.ts'
import { guideContent } from '@sluice/kit/project-guide.ts'
import { promptFile } from '@sluice/kit/prompt.ts'
import { recalledTexts, remembered } from '@sluice/kit/remembered.ts'
import { openRepository } from '@sluice/kit/repository.ts'
import { defineRole, type Recalled } from '@sluice/kit/role.ts'
import { start } from '@sluice/kit/start.ts'
import { readingTools } from '@sluice/kit/tools/reading.ts'
import { commitSource } from '@sluice/kit/tools/source.ts'
import type { EventOf } from '@sluice/proto/event.ts'
import { Architecture, ArchitectureRequested } from '@sluice/proto/events.ts'
import { Task } from '@sluice/proto/parts.ts'
import { z } from 'zod'

const Planned = z.object({ architecture: z.string().min(200), tasks: z.array(Task).min(1).max(30) })
export type Planned = z.infer<typeof Planned>
type Asked = EventOf<typeof ArchitectureRequested>['data']

const system = promptFile(import.meta.url)

export const architect = defineRole({
  name: 'architect',
  takes: ArchitectureRequested,
  gives: Architecture,
  uses: ['agent', 'memory'],

  async answer({ data }, { agent, memory, artifacts, run, signal }) {
    const repository = await openRepository(data.repository.root)
    const recalled = await remembered(memory, run, data)

    const { output } = await agent.run({
      system,
      prompt: [
        { type: 'text', text: await promptFor(data, recalled, artifacts) },
        ...(await guideContent(repository, data.repository.commit)),
        ...(await pictureContent(data.approved.design, artifacts)),
      ],
      tools: readingTools(commitSource(repository, data.repository.commit)),
      output: Planned,
      check: (planned) =>
        problemOf(
          planned,
          data.approved.requirements.criteria.map((c) => c.id),
        ),
      signal,
    })

    const mediaType = 'text/markdown'
    const document = await artifacts.put(output.architecture, { name: 'architecture.md', mediaType })
    const tasksDocument = await artifacts.put(taskList(output.tasks), { name: 'tasks.md', mediaType })
    return completed({ document, tasksDocument, tasks: output.tasks })
  },
})

/** Checked by code, not by prose: every criterion has a task, every dependency comes before. */
export function problemOf({ tasks }: Planned, criteria: string[]): string | null {
  const seen = new Set<string>()
  for (const task of tasks) {
    if (seen.has(task.id)) return `Two tasks are called ${task.id}.`
    const early = task.dependsOn.find((id) => !seen.has(id))
    if (early) return `${task.id} depends on ${early}, which does not come before it.`
    const stranger = task.criteria.find((id) => !criteria.includes(id))
    if (stranger) return `${task.id} serves ${stranger}, which is no criterion of this story.`
    seen.add(task.id)
  }
  const unserved = criteria.filter((id) => !tasks.some((task) => task.criteria.includes(id)))
  return unserved.length > 0 ? `No task serves ${unserved.join(', ')}.` : null
}

const taskList = (tasks: Task[]): string => {
  const lines = tasks.map((t) => {
    const after = t.dependsOn.length > 0 ? ` · after ${t.dependsOn.join(', ')}` : ''
    return `- [ ] **${t.id}** ${t.title} (${t.criteria.join(', ')})${after}\n  ${t.detail.replaceAll('\n', '\n  ')}`
  })
  return `# Tasks\n\n${lines.join('\n')}\n`
}

async function promptFor(
  { text, approved, answers, feedback, previous }: Asked,
  recalled: Recalled,
  artifacts: Artifacts,
): Promise<string> {
  const regions = approved.design.regions.map((r) => `${r.id} (${r.criteria.join(', ')}): ${r.what}`).join('\n')
  return [
    `<request>\n${text}\n</request>`,
    ...approvedText({ approved, answers }),
    `<design digest="${approved.design.digest}">\n${regions}\n</design>`,
    ...(previous
      ? [`<plan-so-far>\n${await artifacts.get(previous.document)}\n\n${taskList(previous.tasks)}\n</plan-so-far>`]
      : []),
    ...feedback.map((f) => `<sent-back at="${f.at}">\n${f.comment}\n</sent-back>`),
    ...recalledTexts(recalled),
  ].join('\n\n')
}

if (import.meta.main) await start(architect)
