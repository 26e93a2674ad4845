/** Finds the Sluice that runs: what `up` has left in the data directory, if the process it names still lives. */
import { readFile, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { Refusal } from '@sluice/kit/errors.ts'
import { dataDir } from '@sluice/kit/paths.ts'
import { processStart } from '@sluice/kit/process.ts'
import { z } from 'zod'

const HouseFile = z.object({
  pid: z.int().positive(),
  start: z.string(),
  origin: z.url(),
  projectId: z.string(),
  root: z.string(),
  demo: z.boolean(),
})

export type Which = 'demo' | 'work'
export type RunningHouse = z.infer<typeof HouseFile> & { which: Which; dir: string; token: string }

/** Those that run now. */
export async function runningHouses(base = dataDir()): Promise<RunningHouse[]> {
  const found = await Promise.all((['demo', 'work'] as const).map((which) => houseIn(join(base, which), which)))
  return found.filter((house) => house !== null)
}

/** The one that is meant, or a Refusal that says how to start one. */
export async function chooseHouse(options: {
  demo?: boolean | undefined
  work?: boolean | undefined
}): Promise<RunningHouse> {
  const asked = options.demo ? 'demo' : options.work ? 'work' : null
  const here = await realpath(process.cwd())
  const house = pick(await runningHouses(), { asked, here })
  if (house) return house
  const start = asked === 'work' ? '`sluice up --repo PATH`' : '`npm start` or `sluice up`'
  throw new Refusal(
    `No Sluice runs${asked ? ` for ${asked}` : ''} (looked in ${dataDir()}).`,
    `Start it with ${start}.`,
  )
}

/** Where both run it is the one in whose repository the person stands, else their work. */
export function pick<H extends { which: Which; root: string }>(
  houses: readonly H[],
  { asked, here }: { asked: Which | null; here: string },
): H | undefined {
  if (asked) return houses.find(({ which }) => which === asked)
  const around = houses.find(({ root }) => here === root || here.startsWith(root + sep))
  return around ?? houses.find(({ which }) => which === 'work') ?? houses[0]
}

async function houseIn(dir: string, which: Which): Promise<RunningHouse | null> {
  const [text, token] = await Promise.all([read(join(dir, 'house.json')), read(join(dir, 'token'))])
  // Half written or of another version: it counts as none, `up` writes it anew.
  const file = HouseFile.safeParse(jsonOrNull(text))
  if (!file.success || !token || processStart(file.data.pid) !== file.data.start) return null
  return { ...file.data, which, dir, token: token.trim() }
}

async function read(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    if (code !== 'EACCES') throw error
    throw new Refusal(`${file} belongs to somebody else.`, 'Run this as the user who started Sluice.', { cause: error })
  }
}

function jsonOrNull(text: string | null): unknown {
  try {
    return JSON.parse(text ?? 'null')
  } catch {
    return null
  }
}
