/** Remembers what something was made from, so that it is made again only when that has changed. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** SHA-256 over names and contents; what is missing counts as empty, tests do not count. */
export function hashOf(root, places) {
  const hash = createHash('sha256')
  for (const file of places.flatMap((place) => filesIn(root, place))) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0')
  }
  return hash.digest('hex')
}

export const readStamp = (file) => (existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined)

export function writeStamp(file, stamp) {
  writeFileSync(`${file}.${process.pid}`, `${stamp}\n`)
  renameSync(`${file}.${process.pid}`, file)
}

function filesIn(root, place) {
  if (!existsSync(join(root, place))) return []
  if (statSync(join(root, place)).isFile()) return /\.test\.tsx?$/.test(place) ? [] : [place]
  const names = readdirSync(join(root, place)).sort()
  return names.flatMap((name) => filesIn(root, `${place}/${name}`))
}
