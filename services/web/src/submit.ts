/** A new story: what is asked for, on which commit, checked by what; or the sentence that says why not. */
import { createHash } from 'node:crypto'
import { realpath } from 'node:fs/promises'
import type { ServiceConfig } from '@sluice/kit/config.ts'
import { notGranted } from '@sluice/kit/copy-pattern.ts'
import { projectConfigAt } from '@sluice/kit/project-config.ts'
import { record } from '@sluice/kit/record.ts'
import { openRepository, type Repository } from '@sluice/kit/repository.ts'
import { Traceparent } from '@sluice/proto/event.ts'
import { StorySubmitted } from '@sluice/proto/events.ts'
import type { Limits, ProjectConfig } from '@sluice/proto/parts.ts'
import { defaultMaxRounds, pipeline } from '@sluice/proto/pipeline.ts'
import { requiredSeats } from '@sluice/proto/project.ts'
import { NewStory } from '@sluice/proto/rest.ts'
import type { z } from 'zod'
import type { ArtifactStore } from './artifacts.ts'
import { understood } from './body.ts'
import { choicesOf, crewOf } from './crew.ts'
import { demoTitle } from './demo.ts'
import { modelsView } from './models.ts'
import { refuse } from './refused.ts'
import { SEATS_TURN } from './seats.ts'
import type { Own } from './settings.ts'
import { attachmentsOf } from './steering/attachments.ts'
import type { Stories } from './stories.ts'
import type { Turns } from './turns.ts'

export type SubmitMeans = {
  own: Pick<Own, 'project' | 'budgetUsd' | 'soft' | 'limits' | 'demoStories' | 'choice' | 'engines' | 'priced' | 'copy'>
  stories: Pick<Stories, 'all' | 'record' | 'project'>
  turns: Turns
  store: ArtifactStore
  gateway: ServiceConfig['gateway']
  env: Record<string, string | undefined>
  now: () => Date
}

export type Submission = {
  body: unknown
  key: string
  signal: AbortSignal
  /** The trace of whoever asks: the story's is linked to it. */
  traceparent?: string | undefined
}

const MOST_TEXT_BYTES = 64 * 1024

/** The id of the story. The demo's come one at a time, so that two of one text cannot both be the first. */
export function submit(
  { own, stories, turns, store, gateway, env, now }: SubmitMeans,
  { body, key, signal, traceparent }: Submission,
): Promise<string> {
  const asked = checked(understood(NewStory, body))
  // By the standard a header that cannot be read is as none (W3C Trace Context, 4.3).
  const caller = Traceparent.safeParse(traceparent)
  return turns(own.demoStories ? 'a new story' : `a new story ${key}`, async () => {
    signal.throwIfAborted()
    const before = saidBefore(stories, asked.text, key)
    if (before) return before
    const demo = own.demoStories && demoTitle(own.demoStories, asked.text, stories.all())
    const title = asked.title ?? demo ?? titleIn(asked.text)

    const crew = crewOf(own, stories.project(own.project.id))
    const models = asked.choice || asked.choices ? (await modelsView({ own, gateway })).models : []
    const choices = choicesOf(asked, { crew, models, engines: own.engines })
    const attachments = await attachmentsOf(asked.attachments ?? [], { store })
    const { root, base } = own.project
    const repository = await projectRepository(root, env)
    await repository.requireIdentity()
    const commit = await repository.head(base)
    const budgetUsd = asked.budgetUsd ?? own.budgetUsd
    const limits = limitsOf(own, { budgetUsd, asked: asked.limits })
    const asks = {
      title,
      text: asked.text,
      repository: { root: repository.root, base, commit },
      config: withAskedCopies(await projectConfigAt(repository, commit), own.copy),
      budgetUsd,
      ...(limits && { limits }),
      ...(asked.auto ? { auto: true } : {}),
      ...(choices && { choices }),
      ...(attachments.length > 0 && { attachments }),
      ...(caller.success ? { traceparent: caller.data } : {}),
    }
    const storyId = storyIdFor(title, key)
    const saying = { type: StorySubmitted, source: 'web', projectId: own.project.id, storyId, cause: null, n: key }
    // In turn with whoever changes the seats: a story never needs one that was just taken away.
    await turns(SEATS_TURN, () => {
      const seats = requiredSeats(stories.project(own.project.id) ?? undefined)
      const policy = { path: pipeline.map(({ stage }) => stage), seats, maxRounds: defaultMaxRounds }
      return stories.record(record({ ...saying, data: { ...asks, policy }, now: now() }))
    })
    return storyId
  })
}

/** The story's own lines before the person's usual ones; a soft line that would not come before the hard one is none. */
export function limitsOf(
  { soft, limits }: Pick<Own, 'soft' | 'limits'>,
  { budgetUsd, asked }: { budgetUsd: number; asked: Limits | undefined },
): Limits | null {
  const softUsd = asked?.softUsd ?? (soft <= 1 ? Math.round(soft * budgetUsd * 1e6) / 1e6 : soft)
  const lines = { ...limits, ...asked, softUsd }
  const { softUsd: _, ...others } = lines
  const all = softUsd < budgetUsd ? lines : others
  return Object.keys(all).length > 0 ? all : null
}

/** What the repository's own file asks to have copied and the person does not give: it is said, and not done. */
function withAskedCopies(config: ProjectConfig, granted: readonly string[]): ProjectConfig {
  const refused = notGranted(config.copy ?? [], granted).map((name) => `copy ${name}`)
  return refused.length > 0 ? { ...config, ignored: [...(config.ignored ?? []), ...refused] } : config
}

function checked(asked: z.infer<typeof NewStory>): z.infer<typeof NewStory> {
  const { text } = asked
  if (text.trim() === '') refuse(400, 'The story is empty.', 'Say in a sentence what you want.')
  if (Buffer.byteLength(text) > MOST_TEXT_BYTES)
    refuse(413, 'The story is longer than 64 kB.', 'Say what you want, and put long material into the repository.')
  // git takes none in a message, and the title stands in one.
  if (text.includes('\0')) refuse(400, 'The story holds a NUL character.', 'Send text.')
  const title = usableTitle(asked.title)
  return { ...asked, ...(title ? { title } : {}) }
}

/** A repository that was there when the house opened may be gone, and another one around it be found. */
/** On one line; refuses what is none. */
export function usableTitle(asked: string | undefined): string | undefined {
  const title = asked?.replace(/\s+/g, ' ').trim()
  if (title === '' || (title && title.length > 120) || title?.includes('\0'))
    refuse(400, 'The title cannot be used.', 'Give one of up to 120 characters, or none.')
  return title
}

async function projectRepository(root: string, env: SubmitMeans['env']): Promise<Repository> {
  const repository = await openRepository(root, env)
  if (repository.root !== (await realpath(root)))
    refuse(
      409,
      `${root} is no repository any more.`,
      'Put it back, or start with --repo and the place where it is now.',
    )
  return repository
}

const MOST_TITLE = 80

/** The first sentence of the first line that says something. */
export function titleIn(text: string): string {
  const line = text.split('\n').find((l) => /[\p{L}\p{N}]/u.test(l)) ?? text.trim()
  const plain =
    line
      .replace(/^[\s#>*-]+/, '')
      .replace(/\s+/g, ' ')
      .trim() || line.trim()
  const [sentence = plain] = plain.split(/(?<=[.!?])\s/)
  return sentence.length > MOST_TITLE ? `${sentence.slice(0, MOST_TITLE - 1).trimEnd()}…` : sentence
}

/** Readable, and the same for the same key: `search-notes-1f0a9c3e52`. */
export function storyIdFor(title: string, key: string): string {
  const plain = title.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  const slug = plain
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-|-$/g, '')
  return `${slug || 'story'}-${suffixOf(key)}`
}

const suffixOf = (key: string): string => createHash('sha256').update(key).digest('hex').slice(0, 10)

/** Whoever sends the key again did not hear the answer. */
export function saidBefore(stories: Pick<Stories, 'all'>, text: string, key: string): string | null {
  const suffix = `-${suffixOf(key)}`
  const known = stories.all().find(({ card }) => card.id.endsWith(suffix))
  if (!known) return null
  if (known.text !== text)
    refuse(409, 'This Idempotency-Key belongs to another story.', 'Send a key of its own with every story.')
  return known.card.id
}
