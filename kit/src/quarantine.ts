/** Objects that git wrote in its jail, on their way into the repository: each is looked at by us first, and moved only if it is what its name says. */
import { createHash } from 'node:crypto'
import {
  createReadStream,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
} from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setImmediate as others } from 'node:timers/promises'
import { createInflate, inflateSync } from 'node:zlib'

/** Larger ones are looked at in pieces: unpacked they may be a thousand times that. */
const AT_ONCE_BYTES = 1 << 16
const MOST_TREE_BYTES = 1 << 28
/** Of ten thousand small files each would wait longer for its turn than it takes: so many at a time, then whoever else waits. */
const IN_A_ROW = 32

type Found = { name: string; path: string; bytes: number }

/** Moves what is in `from` to `to`, an object directory of git each. Blobs go first: a tree whose files are missing is never there. */
export async function migrate(from: string, to: string): Promise<void> {
  const objects = looseObjects(from)
  const kinds = new Map<string, Found[]>()
  for (const [i, object] of objects.entries()) {
    if (i % IN_A_ROW === 0) await others()
    const kind = await checked(object)
    kinds.set(kind, kinds.get(kind) ?? [])
    kinds.get(kind)?.push(object)
  }
  for (const [i, object] of ['blob', 'tree', 'commit'].flatMap((kind) => kinds.get(kind) ?? []).entries()) {
    if (i % IN_A_ROW === 0) await others()
    move(object, to)
  }
}

/** Only what git itself would leave there: a link could lead our hand to any file of the person. */
function looseObjects(from: string): Found[] {
  return namesIn(from, '').flatMap((dir) => {
    if (dir === 'info') return []
    const names = namesIn(from, dir)
    if (dir === 'pack' && names.length === 0) return []
    if (!/^[0-9a-f]{2}$/.test(dir)) throw notGits(dir)
    // What a git that was killed was writing.
    return names.filter((rest) => !rest.startsWith('tmp_obj_')).map((rest) => looseObject(from, dir, rest))
  })
}

function looseObject(from: string, dir: string, rest: string): Found {
  const path = join(from, dir, rest)
  const stat = lstatSync(path)
  const isOne = /^[0-9a-f]{38}([0-9a-f]{24})?$/.test(rest) && stat.isFile() && stat.nlink === 1
  if (!isOne) throw notGits(`${dir}/${rest}`)
  return { name: dir + rest, path, bytes: stat.size }
}

function namesIn(from: string, dir: string): string[] {
  const path = join(from, dir)
  if (!lstatSync(path).isDirectory()) throw notGits(dir)
  return readdirSync(path)
}

const notGits = (what: string): Error => new Error(`Git in its jail left something that is no object: ${what}.`)

/** The kind of an object that is what it is called and, if a tree, holds no name that leads elsewhere when it is checked out. */
async function checked({ name, path, bytes }: Found): Promise<string> {
  const hash = createHash(name.length === 40 ? 'sha1' : 'sha256')
  const head = bytes > AT_ONCE_BYTES ? await inPieces(path, hash) : inflateSync(readFileSync(path))
  if (bytes <= AT_ONCE_BYTES) hash.update(head)
  if (hash.digest('hex') !== name) throw new Error(`The object ${name} is not what it is called.`)
  const end = head.indexOf(0)
  const kind = head.toString('latin1', 0, head.indexOf(' '))
  if (kind === 'tree' && !isPlainTree(head.subarray(end + 1), name.length / 2))
    throw new Error(`The tree ${name} holds a name that no tree may hold.`)
  return kind
}

/** Of a blob only the beginning is given back: it may be as large as a disk. */
async function inPieces(path: string, hash: ReturnType<typeof createHash>): Promise<Buffer> {
  let head: Buffer = Buffer.alloc(0)
  await pipeline(createReadStream(path), createInflate(), async (content: AsyncIterable<Buffer>) => {
    for await (const piece of content) {
      hash.update(piece)
      if (head.length === 0) head = piece
      else if (!isBlob(head)) head = Buffer.concat([head, piece])
      if (head.length > MOST_TREE_BYTES) throw new Error(`${path} is larger than a tree may be.`)
    }
  })
  return head
}

const isBlob = (head: Buffer): boolean => head.toString('latin1', 0, 5) === 'blob '

const MODES = ['40000', '100644', '100755', '120000', '160000']

/** Entries of `<mode> <name>\0<id>`. */
function isPlainTree(content: Buffer, idBytes: number): boolean {
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(' ', at)
    const end = content.indexOf(0, at)
    if (space < 0 || end < space || end + idBytes >= content.length) return false
    const name = content.toString('utf8', space + 1, end)
    if (!MODES.includes(content.toString('latin1', at, space)) || !isPlainName(name)) return false
    at = end + 1 + idBytes
  }
  return true
}

/** Case, short names and characters that file systems of other people do not see are as git's own check has them (git-fsck(1), "hasDotgit"). */
function isPlainName(name: string): boolean {
  const seen = name.replace(/[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g, '').toLowerCase()
  return name !== '' && name !== '.' && name !== '..' && !name.includes('/') && !/^(\.git|git~1)([ .]*|:.*)$/.test(seen)
}

/** One that is there already is as good; it counts as new again, so that nobody collects it. */
function move({ name, path }: Found, to: string): void {
  const dir = join(to, name.slice(0, 2))
  const there = join(dir, name.slice(2))
  if (existsSync(there)) {
    const now = new Date()
    utimesSync(there, now, now)
    rmSync(path)
    return
  }
  mkdirSync(dir, { recursive: true })
  renameSync(path, there)
}
