/** What of the disk a program of the person's needs to be seen in a jail: its own files, never the directory they happen to lie in. */
import { existsSync, realpathSync, statSync } from 'node:fs'
import { delimiter, dirname, isAbsolute, join, sep } from 'node:path'
import { Refusal } from './errors.ts'
import { homeOf, toolPath } from './toolchains.ts'

type Env = Record<string, string | undefined>
type Program = { command: readonly string[]; readable: string[] }

/** The command with its program as a whole path, and what its jail must show for it. A `Refusal` where there is no such program. */
export function programSight([name = '', ...args]: readonly string[], env: Env = process.env): Program {
  const path = found(name, env)
  if (!path) throw new Refusal(`There is no program ${name}.`, 'Install it, or name it by its whole path.')
  const files = [path, ...args.filter((arg) => isAbsolute(arg) && isFile(arg))]
  return { command: [path, ...args], readable: [...new Set(files.flatMap((file) => shown(file, homeOf(env))))] }
}

function found(name: string, env: Env): string | null {
  if (name.includes(sep)) return isFile(name) ? name : null
  // The person's own before what npm put in front of them.
  const dirs = [...toolPath(env), ...(env.PATH ?? '').split(delimiter).filter(isAbsolute)]
  return dirs.map((dir) => join(dir, name)).find(isFile) ?? null
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false

/** A file by both its names, and the package it is part of. */
function shown(file: string, home: string): string[] {
  const real = realpathSync(file)
  return [file, real, ...packageOf(real, home)]
}

/** Where its modules are found, from the outermost down; else the nearest directory that calls itself a package. */
function packageOf(file: string, home: string): string[] {
  const modules = file.indexOf(`${sep}node_modules${sep}`)
  if (modules >= 0) return [join(file.slice(0, modules), 'node_modules')]
  for (let dir = dirname(file); dir !== dirname(dir); dir = dirname(dir)) {
    // Somebody's home may hold a package.json: showing it would show all they have.
    if (`${home}${sep}`.startsWith(`${dir}${sep}`)) return []
    if (existsSync(join(dir, 'package.json'))) return [dir]
  }
  return []
}
