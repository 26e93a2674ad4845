/** What lies on the disk of a house, kind by kind: how much it is, whether it may go, and how it goes. */
import { readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { removeTree } from '@sluice/kit/copy-tree.ts'
import { diskUse, lastWritten } from '@sluice/kit/disk-use.ts'
import { readAll } from '@sluice/kit/follow.ts'
import { cacheDir } from '@sluice/kit/paths.ts'
import { openRepository } from '@sluice/kit/repository.ts'
import { storiesOnRun } from '@sluice/kit/run-stream.ts'
import { liveMessages } from '@sluice/kit/runs.ts'
import { sharedDir } from '@sluice/kit/shared-cache.ts'
import { removeRefs, spareRefs, storiesWithRefs } from '@sluice/kit/spare-refs.ts'
import { RunPacked } from '@sluice/proto/events.ts'
import type { Card, DiskEntry } from '@sluice/proto/rest.ts'
import { endedStory } from './ended.ts'
import { namedArtifacts } from './named.ts'
import { packRuns, purgePacked, STAYS } from './pack-runs.ts'
import type { Tidying } from './tidy.ts'
import { besideWorktrees, giveBackOf, whyItStays } from './worktrees.ts'

/** `remove` says why it stays after all; null when it is gone. */
export type Candidate = DiskEntry & { remove?(): Promise<string | null> }

export type Wish = { now: boolean; archives: number | null }
/** `root`: the repository that is served. */
export type Looking = Tidying & { root: string; cards(): readonly Card[] }

const DAY_MS = 24 * 3_600_000
/** Days after which what nobody used goes, without a wish for it to go now. */
const UNUSED = { dependencies: 30, artifact: 7, run: 7, refs: 30, cache: 30 }
/** Whoever is at work names what they put within this time, whatever a person wishes. */
const YOUNG_MS = DAY_MS

export async function candidates(looking: Looking, wish: Wish): Promise<Candidate[]> {
  const kinds = [worktrees, journals, runs, artifacts, dependencies, answers, refs, compiled]
  const found: Candidate[] = []
  for (const kind of kinds) found.push(...(await kind(looking, wish)))
  return found.sort((a, b) => Number(b.goes) - Number(a.goes) || b.bytes - a.bytes)
}

const isOld = (looking: Looking, since: number, days: number): boolean =>
  looking.now().getTime() - since > days * DAY_MS

const cardOf = (looking: Looking, id: string): Card | undefined => looking.cards().find((card) => card.id === id)

const gone = (path: string) => async () => {
  await removeTree(path)
  return null
}

const day = (at: number): string => new Date(at).toISOString().slice(0, 16).replace('T', ' ')

// ── worktrees, and what lies beside them ─────────────────────────────────────

async function worktrees(looking: Looking, wish: Wish): Promise<Candidate[]> {
  const found: Candidate[] = []
  for (const { name, path } of await besideWorktrees(looking.dataDir)) {
    if (/\.(prepared|ignored|held)\.json(\.|$)/.test(name)) continue
    const bytes = await diskUse(path)
    if (name.endsWith('.ignored.tar.gz')) found.push(await archive(looking, wish, { name, path, bytes }))
    else if (/\.gone-/.test(name)) found.push({ ...rest(name, bytes), remove: gone(path) })
    else found.push(await worktree(looking, wish, { name: name.replace(/\.leaving$/, ''), bytes }))
  }
  return found
}

const rest = (name: string, bytes: number): Candidate => ({
  ...{ kind: 'rest', name, bytes, storyId: null, goes: true },
  why: 'Half removed: what it held was secured before.',
})

async function archive(
  looking: Looking,
  { archives }: Wish,
  { name, path, bytes }: { name: string; path: string; bytes: number },
): Promise<Candidate> {
  const storyId = name.replace(/\.ignored\.tar\.gz$/, '')
  const goes = archives !== null && isOld(looking, await lastWritten(path), archives)
  const why = goes
    ? `What git ignored in a worktree, older than the ${archives} days you named.`
    : 'What git ignored in a worktree. An event names it: it goes only when you say after how many days.'
  const remove = async () => {
    await rm(path, { force: true })
    await rm(path.replace(/\.tar\.gz$/, '.json'), { force: true })
    return null
  }
  return { kind: 'archive', name, bytes, storyId, goes, why, remove }
}

async function worktree(
  looking: Looking,
  wish: Wish,
  { name: id, bytes }: { name: string; bytes: number },
): Promise<Candidate> {
  const about = { kind: 'worktree' as const, name: id, bytes, storyId: id }
  const card = cardOf(looking, id)
  if (!card) return { ...about, storyId: null, goes: false, why: 'No story of this house made it.' }
  const story = await endedStory(looking.bus, id)
  if (!story) return { ...about, goes: false, why: 'Its story is at work.' }
  const until = story.endedAt + looking.policy.keepDays * DAY_MS
  if (!wish.now && looking.now().getTime() < until)
    return { ...about, goes: false, why: `Its story has ended; it is kept until ${day(until)} (\`worktree.keep\`).` }
  const why = await whyItStays(looking, story)
  if (why !== null) return { ...about, goes: false, why }
  return {
    ...about,
    goes: true,
    why: 'Its story has ended: every byte is committed to a kept ref or archived before it goes.',
    async remove() {
      const back = await giveBackOf(looking, story)
      return back.removed ? null : back.why
    },
  }
}

// ── runs ─────────────────────────────────────────────────────────────────────

async function journals(looking: Looking, wish: Wish): Promise<Candidate[]> {
  const onRun = (await storiesOnRun(looking.bus)).filter(({ source }) => source !== STAYS)
  const found: Candidate[] = []
  for (const id of new Set(onRun.map(({ storyId }) => storyId))) {
    const story = await endedStory(looking.bus, id)
    if (!story) continue
    const live = (await liveMessages(looking.bus, `run.*.${id}.>`)).filter(
      ({ subject }) => subject.split('.')[1] !== STAYS,
    )
    const bytes = live.reduce((sum, { body }) => sum + JSON.stringify(body).length, 0)
    const at = Math.max(...story.packs.map(({ time }) => Date.parse(time)), story.endedAt) + looking.times.purgeAfterMs
    const goes = wish.now || at <= looking.now().getTime()
    found.push({
      ...{ kind: 'journal', name: `runs of ${id}`, bytes, storyId: id, goes },
      why: goes
        ? 'Kept entry by entry in an artifact that `run.packed` names, and read from there.'
        : `Packed once its story has ended; it leaves RUN at ${day(at)}, when no backup can miss it.`,
      async remove() {
        await packRuns(looking, story)
        const packed = await endedStory(looking.bus, id)
        for (const { data } of packed?.packs ?? []) await purgePacked(looking, story, data)
        const left = (await storiesOnRun(looking.bus)).some((one) => one.storyId === id && one.source !== STAYS)
        return left ? 'A run of it is not over.' : null
      },
    })
  }
  return found
}

/** Recordings are artifacts by then; logs are what checks and set-up said, artifacts too. */
async function runs(looking: Looking, wish: Wish): Promise<Candidate[]> {
  const storyOf = new Map<string, string>()
  for (const { event } of await readAll(looking.bus, `story.*.${RunPacked.type}.>`))
    if (event.type === RunPacked.type) for (const { runId } of event.data.runs) storyOf.set(runId, event.storyId ?? '')
  const found: Candidate[] = []
  let staying = { files: 0, bytes: 0 }
  for (const runId of await readdir(looking.runsDir).catch(() => [])) {
    const path = join(looking.runsDir, runId)
    const [bytes, storyId] = [await diskUse(path), storyOf.get(runId)]
    if (storyId && (wish.now || isOld(looking, await lastWritten(path), UNUSED.run)))
      found.push({
        ...{ kind: 'run', name: runId, bytes, storyId, goes: true },
        why: 'Its run is packed: recordings and logs are artifacts.',
        remove: gone(path),
      })
    else staying = { files: staying.files + 1, bytes: staying.bytes + bytes }
  }
  if (staying.files > 0)
    found.push({
      ...{ kind: 'run', name: `${staying.files} runs`, bytes: staying.bytes, storyId: null, goes: false },
      why: 'At work, not packed yet, or written in the last days.',
    })
  return found
}

// ── files by their content, and what can be made again ───────────────────────

async function artifacts(looking: Looking): Promise<Candidate[]> {
  const named = await namedArtifacts(looking)
  const root = join(looking.dataDir, 'artifacts')
  const files = (await readdir(root, { recursive: true, withFileTypes: true }).catch(() => [])).filter((one) =>
    one.isFile(),
  )
  const [kept, spare] = [
    { n: 0, bytes: 0 },
    { n: 0, bytes: 0, paths: [] as string[] },
  ]
  for (const { name, parentPath } of files) {
    const path = join(parentPath, name)
    const bytes = await diskUse(path)
    // A name that is longer is a file half written.
    const isNamed = named.has(name) || !isOld(looking, await lastWritten(path), UNUSED.artifact)
    const to = isNamed ? kept : spare
    to.n++
    to.bytes += bytes
    if (!isNamed) spare.paths.push(path)
  }
  const entry = (name: string, bytes: number) => ({ kind: 'artifact' as const, name, bytes, storyId: null })
  return [
    ...(kept.n > 0
      ? [
          {
            ...entry(`${kept.n} artifacts`, kept.bytes),
            goes: false,
            why: 'An event or a run names them, or they are new.',
          },
        ]
      : []),
    ...(spare.n > 0
      ? [
          {
            ...entry(`${spare.n} artifacts`, spare.bytes),
            goes: true,
            why: `No event and no run names them, and nobody has put them in for ${UNUSED.artifact} days.`,
            remove: () => removeUnnamed(looking, spare.paths),
          },
        ]
      : []),
  ]
}

/** Counted once more: something may have named one meanwhile, or put it in again. */
async function removeUnnamed(looking: Looking, paths: readonly string[]): Promise<null> {
  const named = await namedArtifacts(looking)
  for (const path of paths)
    if (!named.has(path.slice(path.lastIndexOf('/') + 1)) && isOld(looking, await lastWritten(path), UNUSED.artifact))
      await rm(path, { force: true })
  return null
}

async function dependencies(looking: Looking, wish: Wish): Promise<Candidate[]> {
  const root = sharedDir(looking.dataDir)
  const found: Candidate[] = []
  for (const projectId of await readdir(root).catch(() => []))
    for (const name of await readdir(join(root, projectId))) {
      const path = join(root, projectId, name)
      const isKept = !name.startsWith('part-')
      const used = Math.max(await lastWritten(join(path, 'kept.json')), isKept ? 0 : await lastWritten(path))
      const goes = isKept
        ? wish.now || isOld(looking, used, UNUSED.dependencies)
        : looking.now().getTime() - used > YOUNG_MS
      const why = goes
        ? 'The next set-up installs them again.'
        : `Stories get them instead of an install; last on ${day(used)}.`
      const about = { kind: 'dependencies' as const, name: `${projectId}/${name.slice(0, 12)}`, storyId: null }
      // Out of the way first: nobody takes half of them.
      const remove = async () => {
        const aside = join(root, projectId, `part-${crypto.randomUUID()}`)
        await rename(path, aside)
        return gone(aside)()
      }
      found.push({ ...about, bytes: await diskUse(path), goes, why, remove })
    }
  return found
}

/** What the gateway keeps so that no finished call is paid twice: nobody asks for it again when the story has ended. */
async function answers(looking: Looking): Promise<Candidate[]> {
  const root = join(looking.dataDir, 'gateway', 'answers')
  const found: Candidate[] = []
  for (const id of await readdir(root).catch(() => [])) {
    const status = cardOf(looking, id)?.status
    const goes = status === 'shipped' || status === 'cancelled'
    const why = goes ? 'Its story has ended: nobody asks for these answers again.' : 'Its story may ask for them again.'
    const path = join(root, id)
    found.push({
      kind: 'answers',
      name: `answers of ${id}`,
      bytes: await diskUse(path),
      storyId: id,
      goes,
      why,
      remove: gone(path),
    })
  }
  return found
}

async function refs(looking: Looking, wish: Wish): Promise<Candidate[]> {
  const repository = await openRepository(looking.root, looking.env).catch(() => null)
  const found: Candidate[] = []
  for (const id of repository ? await storiesWithRefs(repository) : []) {
    const story = await endedStory(looking.bus, id)
    if (!repository || !story || !(wish.now || isOld(looking, story.endedAt, UNUSED.refs))) continue
    const named = story.events.flatMap((e) => (e.type === 'worktree.secured' ? e.data.kept.map(({ ref }) => ref) : []))
    const spare = await spareRefs(repository, id, new Set(named))
    if (spare.length === 0) continue
    found.push({
      ...{ kind: 'refs', name: `${spare.length} refs of ${id}`, bytes: 0, storyId: id, goes: true },
      why: 'Every commit of theirs is reached from another ref of the story.',
      async remove() {
        await removeRefs(repository, spare)
        return null
      },
    })
  }
  return found
}

/** Node's own, by version: a Sluice that runs makes it anew. */
async function compiled(looking: Looking): Promise<Candidate[]> {
  const root = join(cacheDir(looking.env), 'compiled')
  const found: Candidate[] = []
  for (const name of await readdir(root).catch(() => [])) {
    const path = join(root, name)
    const goes = isOld(looking, await lastWritten(path), UNUSED.cache)
    const why = goes
      ? 'Compiled programs: made again by whoever starts.'
      : 'Compiled programs, in use in the last days.'
    found.push({
      kind: 'cache',
      name: `compiled ${name}`,
      bytes: await diskUse(path),
      storyId: null,
      goes,
      why,
      remove: gone(path),
    })
  }
  return found
}
