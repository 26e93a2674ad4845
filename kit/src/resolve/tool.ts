/** Finds a native program that a system may lack: on PATH, in the cache, or in the system's package archive. */
import { join } from 'node:path'
import { Refusal } from '../errors.ts'
import { unpackDebianPackage } from './debian.ts'
import { findProgram, isExecutable, type Machine, ran } from './machine.ts'
import { discard, placeOnce } from './place-once.ts'

export type Tool = {
  /** What it is called on PATH, and its Debian package. */
  program: string
  package: string
  /** Where the package holds it. */
  file: string
  versionFlag: string
  /** The oldest [major, minor] that will do. */
  floor: readonly [number, number]
  install: Partial<Record<NodeJS.Platform, string>>
}

export type Found = { path: string; version: string; source: 'path' | 'cache' | 'apt' }

/** Refuses, naming what was tried and what to install, when there is none new enough. */
export async function resolveTool(tool: Tool, machine: Machine): Promise<Found> {
  const place = join(machine.cache, tool.program)
  const cached = join(place, tool.file)

  const onPath = await usable(tool, machine, await findProgram(machine, tool.program))
  if (onPath.ok) return found(onPath, 'path')
  if (await isExecutable(cached)) {
    const kept = await usable(tool, machine, cached)
    if (kept.ok) return found(kept, 'cache')
    await discard(place)
  }
  const version = await fetchTool({ tool, machine, place, onPath })
  return { path: cached, version, source: 'apt' }
}

const found = ({ path, version }: { path: string; version: string }, source: Found['source']): Found => ({
  path,
  version,
  source,
})

type Usable = { ok: true; path: string; version: string } | { ok: false; reason: string }

/** That a file is there says little: it must run, and say a version that will do. */
async function usable(
  { program, versionFlag, floor }: Tool,
  { env }: Machine,
  path: string | undefined,
): Promise<Usable> {
  if (!path) return { ok: false, reason: `${program} is not on this machine` }
  const { ok, output } = await ran([path, versionFlag], { env, timeoutMs: 10_000 })
  const [version, major, minor] = /(\d+)\.(\d+)[\w.-]*/.exec(output) ?? []
  if (!ok || !version) return { ok: false, reason: `${path} does not run` }
  const newEnough = Number(major) > floor[0] || (Number(major) === floor[0] && Number(minor) >= floor[1])
  return newEnough
    ? { ok: true, path, version }
    : { ok: false, reason: `${path} is ${version}, older than ${floor.join('.')}` }
}

type Fetch = { tool: Tool; machine: Machine; place: string; onPath: { reason: string } }

/** Tried out before it is put in place: what is in the cache has run at least once. */
async function fetchTool({ tool, machine, place, onPath }: Fetch): Promise<string> {
  if (machine.platform !== 'linux') throw refusal(tool, machine, onPath.reason)
  let version = ''
  await placeOnce(place, async (scratch) => {
    const unpacked = await unpackDebianPackage(machine, tool.package, scratch)
    if (!unpacked.ok) throw refusal(tool, machine, `${onPath.reason}, and could not be fetched (${unpacked.reason})`)
    const fetched = await usable(tool, machine, join(unpacked.root, tool.file))
    if (!fetched.ok)
      throw refusal(tool, machine, `${onPath.reason}, and the system's package will not do: ${fetched.reason}`)
    version = fetched.version
    return unpacked.root
  })
  return version
}

const refusal = (tool: Tool, machine: Machine, problem: string): Refusal =>
  new Refusal(
    `${problem}.`,
    tool.install[machine.platform] ?? `Install ${tool.program} ${tool.floor.join('.')} or newer and put it on PATH.`,
  )
