/** The releaser: puts the approved commit on the base, and moves the base to the tree that passed. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Pause, TerminalError } from '@sluice/kit/errors.ts'
import { runJailed } from '@sluice/kit/exec.ts'
import { keepRef } from '@sluice/kit/keep-ref.ts'
import { land } from '@sluice/kit/land.ts'
import { type Answer, completed } from '@sluice/kit/outcome.ts'
import { rebase } from '@sluice/kit/rebase.ts'
import { openRepository, type Repository } from '@sluice/kit/repository.ts'
import { type CompletedData, defineRole, type Means } from '@sluice/kit/role.ts'
import { scratchCheckout } from '@sluice/kit/scratch.ts'
import { start } from '@sluice/kit/start.ts'
import type { EventOf } from '@sluice/proto/event.ts'
import { MergeCompleted, MergeStarted, Release, ReleaseRequested } from '@sluice/proto/events.ts'

type Request = EventOf<typeof ReleaseRequested>
type Asked<D> = Request['data'] & { do: D }
type Released = Answer<CompletedData<typeof Release.completed>>

export const releaser = defineRole({
  name: 'releaser',
  takes: ReleaseRequested,
  gives: Release,
  says: [MergeStarted, MergeCompleted],
  uses: [],

  async answer(request, means) {
    const { data } = request
    const repository = await openRepository(data.repository.root)
    return data.do === 'rebase'
      ? rebased(repository, request.storyId ?? '', data)
      : landed(repository, { request, data, means })
  },
})

/** Run twice it gives the same commit: names and dates come from the story's own commits. */
async function rebased(repository: Repository, storyId: string, data: Asked<'rebase'>): Promise<Released> {
  const { approved } = data
  const onto = await repository.head(data.repository.base)
  const message = `${data.title}\n\n${data.text.trim()}`
  const put = await rebase({
    repository,
    base: approved.base,
    tip: approved.commit,
    onto,
    message,
    trailers: trailersOf(data.trailers),
  })
  if ('nothing' in put)
    throw new TerminalError(`${data.repository.base} holds all of this story already: nothing is left to land.`)
  if ('conflict' in put) return completed({ result: { kind: 'conflict', onto, files: put.conflict.files } })

  // Until it lands nothing else points at it: git would be free to collect it.
  await keepRef(repository, `refs/sluice/${storyId}/landing`, put.commit)
  return completed({
    result: { kind: 'rebased', judged: { base: onto, commit: put.commit, tree: put.tree, patchId: put.patchId } },
  })
}

/** `Key: value` lines; several of one key become one line. */
function trailersOf(lines: string[]): Record<string, string> {
  const trailers: Record<string, string> = {}
  for (const line of lines) {
    const [key = '', value = ''] = line.split(/:\s*(.*)/s)
    trailers[key] = trailers[key] ? `${trailers[key]}, ${value}` : value
  }
  return trailers
}

/** Said before and after. A redelivery looks at the ref first (`land` does): what has landed is not landed again. */
async function landed(
  repository: Repository,
  job: { request: Request; data: Asked<'land'>; means: Means },
): Promise<Released> {
  const { request, data, means } = job
  const { base: from, commit: to, tree } = data.approved
  const branch = data.repository.base
  const move = { request: request.id, branch, from, to }
  await means.say(MergeStarted, move)
  await means.run.fence()
  const outcome = await land({ repository, branch, from, to })

  if ('moved' in outcome) return completed({ result: { kind: 'moved', base: outcome.moved } })
  if ('dirty' in outcome)
    throw new Pause({ kind: 'checkout', path: outcome.dirty, files: outcome.files, problem: outcome.why })
  await means.say(MergeCompleted, move)
  if (data.config.release) await runRelease(repository, data.config.release, { commit: to, means })
  return completed({ result: { kind: 'landed', commit: to, tree } })
}

const RELEASE_MS = 30 * 60_000

/** At most once in a run: begun and not ended, nobody knows what it did, and a person looks before it is asked again. */
async function runRelease(
  repository: Repository,
  command: string,
  { commit, means }: { commit: string; means: Means },
): Promise<void> {
  const { run, workshop, signal, artifacts } = means
  const notes = run.entries().flatMap((e) => (e.kind === 'note' ? [e.data as { type?: string }] : []))
  if (notes.some((n) => n.type === 'release ended')) return
  if (notes.some((n) => n.type === 'release begun'))
    throw new TerminalError(
      `The story has landed. Its release command \`${command}\` was begun and its end is not known: look, then retry or leave it.`,
    )

  await run.append('note', { type: 'release begun', text: `Releasing: ${command}` })
  await using scratch = await scratchCheckout({ repository, commit, dir: join(run.dir, 'release') })
  const { jail, policy } = await workshop.jailed(scratch.dir)
  const logFile = join(run.dir, 'release.log')
  const ended = await runJailed(jail, policy, command, {
    timeoutMs: RELEASE_MS,
    logFile,
    signal,
    onStart: workshop.started,
  })
  const log = await artifacts.put(await readFile(logFile), { name: 'release.log', mediaType: 'text/plain' })
  await run.append('note', { type: 'release ended', text: `Release ended with ${ended.exitCode}.`, log })
  if (ended.exitCode !== 0)
    throw new TerminalError(
      `The story has landed. Its release command \`${command}\` ended with ${ended.exitCode ?? 'a time-out'}:\n${ended.log.tail}`,
    )
}

if (import.meta.main) await start(releaser)
