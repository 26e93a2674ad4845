/** Finds a native program that a system may lack: on PATH, in the cache, in the system's package archive, or as its makers released it. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Refusal } from '../errors.ts'
import { type Unpacked, unpackDebianPackage } from './debian.ts'
import { findProgram, isExecutable, type Machine, ran } from './machine.ts'
import type { ReleaseArchive } from './nats-release.ts'
import { discard, placeOnce } from './place-once.ts'
import { unpackRelease } from './release.ts'

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
  /** What its makers released for that machine, taken where nothing else gives it. */
  release?(machine: Machine): ReleaseArchive | undefined
}

export type Found = { path: string; version: string; source: 'path' | 'cache' | 'apt' | 'release' }

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
  return { path: cached, ...(await fetchTool({ tool, machine, place, onPath })) }
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
type Fetched = Pick<Found, 'version' | 'source'>

/** Tried out before it is put in place: what is in the cache has run at least once. */
async function fetchTool({ tool, machine, place, onPath }: Fetch): Promise<Fetched> {
  let fetched: Fetched | undefined
  await placeOnce(place, async (scratch) => {
    const reasons: string[] = []
    for (const { source, unpack } of waysTo(tool, machine)) {
      await mkdir(join(scratch, source))
      const unpacked = await unpack(join(scratch, source))
      const tried = unpacked.ok ? await usable(tool, machine, join(unpacked.root, tool.file)) : unpacked
      if (unpacked.ok && tried.ok) {
        fetched = { version: tried.version, source }
        return unpacked.root
      }
      if (!tried.ok) reasons.push(tried.reason)
    }
    const fetching = reasons.length > 0 ? `, and could not be fetched (${reasons.join('; ')})` : ''
    throw refusal(tool, machine, `${onPath.reason}${fetching}`)
  })
  if (!fetched) throw new Error(`${tool.program} is in its place, and nobody fetched it.`)
  return fetched
}

type Way = { source: 'apt' | 'release'; unpack(scratch: string): Promise<Unpacked> }

/** The system's own package first: its makers keep it mended. */
function waysTo({ package: name, file, release }: Tool, machine: Machine): Way[] {
  const archive = release?.(machine)
  return [
    ...(machine.platform === 'linux'
      ? [{ source: 'apt' as const, unpack: (scratch: string) => unpackDebianPackage(machine, name, scratch) }]
      : []),
    ...(archive
      ? [{ source: 'release' as const, unpack: (to: string) => unpackRelease(machine, { archive, file }, to) }]
      : []),
  ]
}

const refusal = (tool: Tool, machine: Machine, problem: string): Refusal =>
  new Refusal(
    `${problem}.`,
    tool.install[machine.platform] ?? `Install ${tool.program} ${tool.floor.join('.')} or newer and put it on PATH.`,
  )
