/** Packages of npm in a directory of their own below the cache: for what tests and the bench alone need, so that nobody else installs it. */
import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Refusal } from '../errors.ts'
import { isExecutable, type Machine, ran } from './machine.ts'
import { placeOnce } from './place-once.ts'

const INSTALL_MS = 600_000

/** `name@version` each, fetched once. No script of theirs is run. */
export async function npmPackages(machine: Machine, name: string, packages: readonly string[]): Promise<string> {
  const versions = packages.map((one) => one.split('@').at(-1)).join('-')
  const place = join(machine.cache, 'packages', `${name}-${versions}`)
  if (await isExecutable(join(place, '.complete'))) return place
  machine.say(`fetching ${packages.join(', ')} from the npm registry …`)
  await placeOnce(place, async (scratch) => {
    await writeFile(join(scratch, 'package.json'), '{ "private": true }\n')
    const install = ['npm', 'install', '--no-audit', '--no-fund', '--ignore-scripts', '--save-exact', ...packages]
    const { ok, output } = await ran(install, { env: machine.env, cwd: scratch, timeoutMs: INSTALL_MS })
    if (!ok)
      throw new Refusal(
        `npm could not fetch ${packages.join(', ')}: ${output.split('\n').at(-1)}`,
        'See whether its registry can be reached from here, then run the same again.',
      )
    await writeFile(join(scratch, '.complete'), '', { mode: 0o755 })
    return scratch
  })
  return place
}

/** A module of such a directory. */
export function importFrom<T>(place: string, name: string): Promise<T> {
  return import(pathToFileURL(createRequire(join(place, 'package.json')).resolve(name)).href) as Promise<T>
}
