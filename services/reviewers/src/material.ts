/** The material of a review: hunks first, then whole files at base and head, as far as there is room; what is left out is said. */
import { isUtf8 } from 'node:buffer'
import type { Repository } from '@sluice/kit/repository.ts'
import type { TouchedFile } from '@sluice/kit/story-change.ts'
import type { Judged } from '@sluice/proto/parts.ts'
import { contentsOf } from './contents.ts'

export type Side = 'base' | 'head'
export type ShownFile = { path: string; side: Side; content: string }
export type Material = {
  diff: string
  files: ShownFile[]
  /** One line for each thing a reader would expect and does not find. */
  notShown: string[]
  /** Files whose very hunks had no room: nobody can say that they were reviewed. */
  unseen: string[]
}

export const LIMITS = { fileBytes: 200_000, allBytes: 600_000, files: 400 }
export type Limits = typeof LIMITS

type Job = { judged: Pick<Judged, 'base' | 'commit'>; touched: TouchedFile[]; limits?: Limits }

export async function materialOf(repository: Repository, { judged, touched, limits = LIMITS }: Job): Promise<Material> {
  const hunks = roomForHunks(touched, limits.allBytes)
  const diff = hunks.kept.map((file) => file.patch).join('')
  const sides = await sidesOf(repository, judged, touched)
  const files = roomForFiles(sides.texts, limits, limits.allBytes - Buffer.byteLength(diff))
  return {
    diff,
    files: files.kept,
    unseen: hunks.left.map(({ path }) => path),
    notShown: [
      ...hunks.left.map(({ path, patch }) => `${path}: its hunks are not shown (${Buffer.byteLength(patch)} bytes).`),
      ...files.left.map(({ path, side }) => `${path} at ${side}: too large to be shown whole.`),
      ...sides.others,
    ],
  }
}

/** The largest go first when there is no room for all. */
function roomForHunks(touched: TouchedFile[], bytes: number): { kept: TouchedFile[]; left: TouchedFile[] } {
  const size = ({ patch }: TouchedFile): number => Buffer.byteLength(patch)
  let total = touched.reduce((sum, file) => sum + size(file), 0)
  const left = new Set<TouchedFile>()
  for (const file of touched.toSorted((a, b) => size(b) - size(a))) {
    if (total <= bytes) break
    left.add(file)
    total -= size(file)
  }
  return { kept: touched.filter((file) => !left.has(file)), left: [...left] }
}

/** Smaller files first, so that one lock file does not push out all the others; shown in the order of the diff. */
function roomForFiles(files: ShownFile[], limits: Limits, bytes: number): { kept: ShownFile[]; left: ShownFile[] } {
  let room = bytes
  const kept = new Set<ShownFile>()
  for (const file of files.toSorted((a, b) => a.content.length - b.content.length)) {
    const size = Buffer.byteLength(file.content)
    if (size > limits.fileBytes || size > room || kept.size >= limits.files) continue
    kept.add(file)
    room -= size
  }
  return { kept: files.filter((file) => kept.has(file)), left: files.filter((file) => !kept.has(file)) }
}

/** Whole files from git's objects, a pair after the other; `others` says of each that is no text why it is missing. */
async function sidesOf(
  repository: Repository,
  { base, commit }: Job['judged'],
  touched: TouchedFile[],
): Promise<{ texts: ShownFile[]; others: string[] }> {
  const wanted = touched.flatMap(({ path, oldPath = path, status }): { path: string; side: Side }[] => [
    ...(status === 'added' ? [] : [{ path: oldPath, side: 'base' as const }]),
    ...(status === 'deleted' ? [] : [{ path, side: 'head' as const }]),
  ])
  const of = (side: Side): string[] => wanted.flatMap((file) => (file.side === side ? [file.path] : []))
  const [atBase, atHead] = await Promise.all([
    contentsOf(repository, base, of('base')),
    contentsOf(repository, commit, of('head')),
  ])
  const texts: ShownFile[] = []
  const others: string[] = []
  for (const { path, side } of wanted) {
    const content = (side === 'base' ? atBase : atHead).get(path)
    const text = content && textIn(content)
    if (text !== null && text !== undefined) texts.push({ path, side, content: text })
    else others.push(`${path} at ${side}: ${content ? `binary, ${content.length} bytes.` : 'no file, or over 1 MB.'}`)
  }
  return { texts, others }
}

/**
 * Git calls a file binary for one NUL in it, and a program runs all the same: what is UTF-8 is shown, whatever else it holds.
 * The API takes no NUL.
 */
function textIn(content: Buffer): string | null {
  if (!isUtf8(content) && content.subarray(0, 8_000).includes(0)) return null
  return content.toString().replaceAll('\0', '␀')
}
