/** Fetches what peers need into the cache, at bench time: nobody who uses Sluice installs it. */

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { unpackDebianPackage } from '@sluice/kit/resolve/debian.ts'
import { isExecutable, ran, thisMachine } from '@sluice/kit/resolve/machine.ts'
import { npmPackages as fetchPackages } from '@sluice/kit/resolve/npm-packages.ts'
import { placeOnce } from '@sluice/kit/resolve/place-once.ts'
import { say } from '../benchmark.ts'

/** A peer cannot be had here: the reason is said in its place, and the rest of the bench runs. */
export class Absent extends Error {
  override name = 'Absent'
}

const INSTALL_MS = 600_000

/** Packages of npm in a directory of their own; `name@version` each. */
export const npmPackages = (name: string, packages: readonly string[]): Promise<string> =>
  fetchPackages(thisMachine(say), name, packages).catch((error: Error) => {
    throw new Absent(error.message, { cause: error })
  })

/** Debian packages unpacked over each other; the root they make. */
export async function debianPackages(name: string, packages: readonly string[]): Promise<string> {
  const machine = thisMachine(say)
  const place = join(machine.cache, 'bench', name)
  if (await isExecutable(join(place, '.complete')).catch(() => false)) return place
  await placeOnce(place, async (scratch) => {
    const root = join(scratch, 'all')
    for (const one of packages) {
      const own = join(scratch, one)
      await mkdir(own)
      const unpacked = await unpackDebianPackage(machine, one, own)
      if (!unpacked.ok) throw new Absent(`${one} could not be fetched: ${unpacked.reason}`)
      await ran(['cp', '-a', `${unpacked.root}/.`, root], { env: process.env, timeoutMs: INSTALL_MS })
    }
    await writeFile(join(root, '.complete'), '', { mode: 0o755 })
    return root
  })
  return place
}

export { importFrom } from '@sluice/kit/resolve/npm-packages.ts'
