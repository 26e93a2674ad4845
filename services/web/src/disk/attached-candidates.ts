/** Files a person attached, as they lie for the jails of their story: copies of artifacts. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256 } from '@sluice/kit/artifacts.ts'
import { attachedDir } from '@sluice/kit/attached.ts'
import { diskUse } from '@sluice/kit/disk-use.ts'
import { type Candidate, cardOf, gone, type Looking } from './candidate.ts'

export async function attached(looking: Looking): Promise<Candidate[]> {
  const found: Candidate[] = []
  for (const id of await readdir(join(looking.dataDir, 'attached')).catch(() => [])) {
    const path = attachedDir(looking.dataDir, id)
    const status = cardOf(looking, id)?.status
    const hasEnded = status === 'shipped' || status === 'cancelled'
    const isHeld = hasEnded && (await heldAll(looking, path))
    found.push({
      ...{ kind: 'attached', name: `attached to ${id}`, bytes: await diskUse(path), storyId: id, goes: isHeld },
      why: whyOf(hasEnded, isHeld),
      remove: async () => ((await heldAll(looking, path)) ? gone(path)() : whyOf(true, false)),
    })
  }
  return found
}

function whyOf(hasEnded: boolean, isHeld: boolean): string {
  if (!hasEnded) return 'Its story may read them again.'
  return isHeld
    ? 'Its story has ended, and artifacts hold every file.'
    : 'A file of it is no artifact, so nothing else holds it.'
}

/** By what is in them: a name says nothing. */
async function heldAll({ store }: Looking, dir: string): Promise<boolean> {
  // A death in the middle of a copy leaves a file with a point before its name.
  const names = (await readdir(dir).catch(() => [])).filter((name) => !name.startsWith('.'))
  for (const name of names) {
    const bytes = await readFile(join(dir, name)).catch(() => null)
    if (bytes === null || !(await store.get({ sha256: sha256(bytes) }).catch(() => null))) return false
  }
  return true
}
