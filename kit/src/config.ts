/** What a service needs to know to reach the others: one file per bus user, written by `up`, readable by its owner only. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { Refusal } from './errors.ts'
import { dataDir } from './paths.ts'

export const ServiceConfig = z.object({
  url: z.string(),
  user: z.string(),
  password: z.string(),
  gateway: z.object({ url: z.string(), secret: z.string() }).optional(),
  web: z.object({ url: z.string(), token: z.string() }).optional(),
  ackWaitMs: z.int().positive(),
  /** What this one service needs beyond the bus: ports, upstream, engine. Parsed by the service itself. */
  own: z.unknown().optional(),
})
export type ServiceConfig = z.infer<typeof ServiceConfig>

export const serviceFile = (user: string, dir = dataDir()): string => join(dir, 'bus', `${user}.json`)

export async function serviceConfig(user: string, dir = dataDir()): Promise<ServiceConfig> {
  const file = serviceFile(user, dir)
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new Refusal(
      `There is no ${file}.`,
      'Start Sluice first (`npm start` or `sluice up`): it makes the bus and its users.',
      { cause },
    )
  })
  return ServiceConfig.parse(JSON.parse(text))
}
