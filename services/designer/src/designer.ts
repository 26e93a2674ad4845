/** The designer: makes the rendered reference that a person approves and the implementer works from. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { approvedText } from '@sluice/kit/approved-text.ts'
import { completed } from '@sluice/kit/outcome.ts'
import { guideContent } from '@sluice/kit/project-guide.ts'
import { promptFile } from '@sluice/kit/prompt.ts'
import { lessonText, remembered } from '@sluice/kit/remembered.ts'
import { openRepository } from '@sluice/kit/repository.ts'
import { defineRole, type Lesson, type Means } from '@sluice/kit/role.ts'
import { start } from '@sluice/kit/start.ts'
import { openBeneath } from '@sluice/kit/tools/beneath.ts'
import { readingTools } from '@sluice/kit/tools/reading.ts'
import { renderTool } from '@sluice/kit/tools/render.ts'
import { commitSource, layered, worktreeSource } from '@sluice/kit/tools/source.ts'
import { writingTools } from '@sluice/kit/tools/writing.ts'
import type { EventOf } from '@sluice/proto/event.ts'
import { Design, DesignRequested } from '@sluice/proto/events.ts'
import type { DesignBundle } from '@sluice/proto/parts.ts'
import { z } from 'zod'
import { bundleOf, renderAll, stateNames } from './bundle.ts'
import { designDocument } from './document.ts'

const Designed = z.object({
  summary: z.string().min(1).describe('what a person should look at, in a few sentences'),
  states: z
    .array(z.string().regex(/^[a-z][a-z0-9-]*$/))
    .min(1)
    .max(4),
  regions: z.array(z.object({ id: z.string().min(1), criteria: z.array(z.string()).min(1), what: z.string().min(1) })),
})
export type Designed = z.infer<typeof Designed>
type Asked = EventOf<typeof DesignRequested>['data']

const system = promptFile(import.meta.url)
const MOCKUP = 'mockup.html'

export const designer = defineRole({
  name: 'designer',
  takes: DesignRequested,
  gives: Design,
  uses: ['agent', 'memory'],

  async answer({ data }, { agent, memory, artifacts, workshop, run, signal }) {
    const repository = await openRepository(data.repository.root)
    const { lessons } = await remembered(memory, run, data)
    const desk = await openDesk(run.dir, data, artifacts)
    const browser = await workshop.browser()

    const drawn = await worktreeSource(desk)
    const { output } = await agent.run({
      system,
      prompt: [
        { type: 'text', text: promptFor(data, lessons, await mockupIn(desk)) },
        ...(await guideContent(repository, data.repository.commit)),
      ],
      tools: [
        ...readingTools(layered(drawn, commitSource(repository, data.repository.commit))),
        ...(await writingTools(desk)),
        renderTool({ source: drawn, browser }),
      ],
      output: Designed,
      check: async (designed) => problemOf(designed, data, await mockupIn(desk)),
      signal,
    })

    const html = await mockupIn(desk)
    const pictures = await renderAll(browser, html, output.states)
    const bundle = await bundleOf({ html, pictures, regions: output.regions, artifacts })
    const text = designDocument(data.title, output, bundle)
    const document = await artifacts.put(text, { name: 'design.md', mediaType: 'text/markdown' })
    return completed({ bundle, document })
  },
})

/** The directory the mockup is made in; a later attempt finds what the one before had written. */
async function openDesk(runDir: string, { previous }: Asked, artifacts: Means['artifacts']): Promise<string> {
  const desk = join(runDir, 'desk')
  await mkdir(desk, { recursive: true })
  if (previous && (await mockupIn(desk)) === '')
    await (await openBeneath(desk)).write(MOCKUP, await artifacts.get(previous.html))
  return desk
}

/** A link an agent left there is no mockup: what it leads to would be handed to everybody. */
export const mockupIn = async (desk: string): Promise<string> =>
  (await (await openBeneath(desk)).read(MOCKUP).catch(() => '')).toString()

/** What can be seen without eyes: the file is there, regions stand in it and answer criteria that exist, states are used, nothing is loaded. */
export function problemOf(
  { regions, states }: Designed,
  { approved }: Pick<Asked, 'approved'>,
  html: string,
): string | null {
  if (html.trim() === '') return `There is no ${MOCKUP}: write it first.`
  const known = new Set(approved.requirements.criteria.map((c) => c.id))
  const stranger = regions.flatMap((r) => r.criteria).find((id) => !known.has(id))
  if (stranger) return `${stranger} is no criterion of this story.`
  const missing = regions.find((r) => !html.includes(`data-region="${r.id}"`))
  if (missing) return `No element carries data-region="${missing.id}".`
  const named = stateNames(html)
  const unused = states.slice(1).find((state) => !named.has(state))
  if (unused) return `Nothing in the page depends on the state ${unused}: no rule names html[data-state="${unused}"].`
  const loads = OUTSIDE.exec(html)
  return loads ? `The page loads something from outside: ${loads[0]}` : null
}

/** An attribute that loads, in any element but a link (a link loads nothing until it is followed), or a style that does. */
const OUTSIDE =
  /<(?!a\s)[a-z][^>]*\s(?:xlink:)?(?:src|srcset|href|poster|data)\s*=\s*["']?\s*(?:https?:)?\/\/[^"'\s>]+|@import|url\(\s*["']?(?:https?:)?\/\//i

function promptFor({ text, approved, answers, feedback, previous }: Asked, lessons: Lesson[], soFar: string): string {
  return [
    `<request>\n${text}\n</request>`,
    ...approvedText({ approved, answers }),
    ...(soFar === '' ? [] : [`<mockup-so-far>\n${soFar}\n</mockup-so-far>`]),
    ...(previous ? [`<regions-so-far>\n${previous.regions.map(regionLine).join('\n')}\n</regions-so-far>`] : []),
    ...feedback.map((f) => `<sent-back at="${f.at}">\n${f.comment}\n</sent-back>`),
    ...lessons.map(lessonText),
  ].join('\n\n')
}

const regionLine = ({ id, criteria, what }: DesignBundle['regions'][number]): string =>
  `${id} (${criteria.join(', ')}): ${what}`

if (import.meta.main) await start(designer)
