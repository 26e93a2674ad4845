/** What left the machine, one line of JSON for each call, appended and never changed. */
import { appendFile, mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LedgerEntry } from '@sluice/proto/rest.ts'

export type Ledger = {
  /** Written down before it resolves, in the order of the calls. */
  enter(entry: LedgerEntry): Promise<void>
  /** Oldest first; without a story, all. */
  entries(storyId?: string): Promise<LedgerEntry[]>
}

/** One file a month (UTC) in `dir`. */
export async function openLedger(dir: string): Promise<Ledger> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  let last: Promise<unknown> = Promise.resolve()
  return {
    enter(entry) {
      const file = join(dir, `${entry.at.slice(0, 7)}.jsonl`)
      const writing = last.then(() => appendFile(file, `${JSON.stringify(entry)}\n`, { mode: 0o600 }))
      last = writing.catch(() => undefined)
      return writing
    },
    async entries(storyId) {
      const files = (await readdir(dir)).filter((name) => name.endsWith('.jsonl')).sort()
      const texts = await Promise.all(files.map((name) => readFile(join(dir, name), 'utf8')))
      const all = texts.flatMap((text) => text.split('\n')).flatMap(entryIn)
      return storyId === undefined ? all : all.filter((entry) => entry.storyId === storyId)
    },
  }
}

/** The last line may be half written when the machine went down. */
function entryIn(line: string): LedgerEntry[] {
  try {
    return [LedgerEntry.parse(JSON.parse(line))]
  } catch {
    return []
  }
}
