/** The files a page needs, read once; a name that is not among them is not served. */
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'

const FOLDER = join(import.meta.dirname, '..', 'public')
const TYPES: Record<string, string> = { '.css': 'text/css; charset=utf-8', '.js': 'text/javascript; charset=utf-8' }

export type Asset = { text: string; type: string }

const ASSETS = new Map<string, Asset>(readdirSync(FOLDER).map((name) => [name, read(name)]))

export const asset = (name: string): Asset | undefined => ASSETS.get(name)

function read(name: string): Asset {
  return { text: readFileSync(join(FOLDER, name), 'utf8'), type: TYPES[extname(name)] ?? 'application/octet-stream' }
}
