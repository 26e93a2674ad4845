/** Fetches what peers need into the cache, at bench time: nobody who uses Sluice installs it. */

import { mkdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { unpackDebianPackage } from '@sluice/kit/resolve/debian.ts'
import { isExecutable, ran, thisMachine } from '@sluice/kit/resolve/machine.ts'
import { placeOnce } from '@sluice/kit/resolve/place-once.ts'
import { say } from '../benchmark.ts'

/** A peer cannot be had here: the reason is said in its place, and the rest of the bench runs. */
export class Absent extends Error {
  override name = 'Absent'
}

const INSTALL_MS = 600_000

/** Packages of npm in a directory of their own; `name@version` each. */
export async function npmPackages(name: string, packages: readonly string[]): Promise<string> {
  const machine = thisMachine(say)
  const place = join(machine.cache, 'bench', `${name}-${packages.map((p) => p.split('@').at(-1)).join('-')}`)
  if (await isExecutable(join(place, '.complete')).catch(() => false)) return place
  say(`fetching ${packages.join(', ')} from the npm registry …`)
  await placeOnce(place, async (scratch) => {
    await writeFile(join(scratch, 'package.json'), '{ "private": true }\n')
    const install = ['npm', 'install', '--no-audit', '--no-fund', '--ignore-scripts', '--save-exact', ...packages]
    const { ok, output } = await ran(install, { env: process.env, cwd: scratch, timeoutMs: INSTALL_MS })
    if (!ok) throw new Absent(`npm could not fetch ${packages.join(', ')}: ${output.split('\n').at(-1)}`)
    await writeFile(join(scratch, '.complete'), '', { mode: 0o755 })
    return scratch
  })
  return place
}

/** A module of such a directory. */
export function importFrom<T>(place: string, name: string): Promise<T> {
  return import(pathToFileURL(createRequire(join(place, 'package.json')).resolve(name)).href) as Promise<T>
}

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
