/** Calls that were begun, each a file until all the world knows what it cost: a gateway that is killed forgets none. */
import { mkdir, readdir, readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Instant, Token } from '@sluice/proto/event.ts'
import { Usage } from '@sluice/proto/parts.ts'
import { z } from 'zod'

/** How a call ended, before anybody was told. */
export const Ended = z.object({
  usage: Usage.nullable(),
  estimated: z.boolean(),
  outcome: z.string(),
  bytesIn: z.int().nonnegative(),
  at: Instant,
})
export type Ended = z.infer<typeof Ended>

export const Begun = z.object({
  id: z.string().min(1),
  storyId: Token,
  role: Token,
  runId: z.string(),
  replica: z.string().optional(),
  login: z.boolean().optional(),
  model: z.string(),
  host: z.string(),
  bytesOut: z.int().nonnegative(),
  at: Instant,
  /** Under which key of which run its answer is kept, if it has one. */
  kept: z.object({ runId: z.string(), key: z.string() }).optional(),
  /** The most it can cost, as far as is known. */
  worst: Usage,
  ended: Ended.optional(),
})
export type Begun = z.infer<typeof Begun>

export type BegunCalls = {
  write(call: Begun): Promise<void>
  forget(id: string): Promise<void>
  all(): Promise<Begun[]>
}

export async function openBegun(dir: string): Promise<BegunCalls> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const fileOf = (id: string) => join(dir, `${id}.json`)
  return {
    async write(call) {
      const file = fileOf(call.id)
      await writeFile(`${file}.part`, JSON.stringify(call), { mode: 0o600 })
      await rename(`${file}.part`, file)
    },
    forget: (id) => unlink(fileOf(id)).catch(() => undefined),
    async all() {
      const names = (await readdir(dir)).filter((name) => name.endsWith('.json'))
      const read = await Promise.all(names.map((name) => readFile(join(dir, name), 'utf8')))
      return read.flatMap((text) => {
        const call = Begun.safeParse(parsed(text))
        return call.success ? [call.data] : []
      })
    },
  }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return null
  }
}
