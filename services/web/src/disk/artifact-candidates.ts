/** Artifacts that nothing names. */
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { diskUse, lastWritten } from '@sluice/kit/disk-use.ts'
import { type Candidate, isOld, type Looking, UNUSED } from './candidate.ts'
import { namedArtifacts } from './named.ts'

export async function artifacts(looking: Looking): Promise<Candidate[]> {
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
