/** What can be made again, or is kept under another name: dependencies, answers, refs, compiled programs. */
import { readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { diskUse, lastWritten } from '@sluice/kit/disk-use.ts'
import { cacheDir } from '@sluice/kit/paths.ts'
import { openRepository } from '@sluice/kit/repository.ts'
import { sharedDir } from '@sluice/kit/shared-cache.ts'
import { removeRefs, spareRefs, storiesWithRefs } from '@sluice/kit/spare-refs.ts'
import { type Candidate, cardOf, DAY_MS, gone, isOld, type Looking, minute, UNUSED, type Wish } from './candidate.ts'
import { endedStory } from './ended.ts'

/** Half a copy that somebody is still making. */
const YOUNG_MS = DAY_MS

export async function dependencies(looking: Looking, wish: Wish): Promise<Candidate[]> {
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
        : `Stories get them instead of an install; last on ${minute(used)}.`
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
export async function answers(looking: Looking): Promise<Candidate[]> {
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

export async function refs(looking: Looking, wish: Wish): Promise<Candidate[]> {
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
export async function compiled(looking: Looking): Promise<Candidate[]> {
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
