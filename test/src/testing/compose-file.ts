/** `docker-compose.yml` as Compose reads it: YAML with merges, variables filled in. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'

export const ROOT = join(import.meta.dirname, '..', '..', '..')

const Condition = z.enum(['service_started', 'service_healthy', 'service_completed_successfully'])
const ComposeService = z.strictObject({
  image: z.string(),
  build: z.object({ context: z.string(), args: z.record(z.string(), z.string()) }).optional(),
  user: z.string().optional(),
  profiles: z.array(z.string()).default([]),
  network_mode: z.string().optional(),
  pid: z.string().optional(),
  security_opt: z.array(z.string()).optional(),
  cap_drop: z.array(z.string()),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  /** Null hands on what the person's environment says, if it says anything. */
  environment: z.record(z.string(), z.string().nullable()).default({}),
  command: z.array(z.string()).default([]),
  healthcheck: z.object({ test: z.array(z.string()), interval: z.string(), retries: z.int() }).optional(),
  depends_on: z.record(z.string(), z.object({ condition: Condition })).default({}),
  restart: z.string(),
  stop_grace_period: z.string().optional(),
  scale: z.int().default(1),
})
export type ComposeService = z.infer<typeof ComposeService>

const Compose = z.object({ services: z.record(z.string(), ComposeService), volumes: z.record(z.string(), z.null()) })
export type Compose = z.infer<typeof Compose>

export function readCompose(env: Record<string, string | undefined>): Compose {
  const document: unknown = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true })
  return Compose.parse(filled(document, env))
}

function filled(value: unknown, env: Record<string, string | undefined>): unknown {
  if (typeof value === 'string') return fill(value, env)
  if (Array.isArray(value)) return value.map((item) => filled(item, env))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, filled(inner, env)]))
}

/** `$$`, `${NAME}`, `${NAME:-instead}`, `${NAME:?why not}`: nothing else is used. */
const fill = (text: string, env: Record<string, string | undefined>): string =>
  text.replace(/\$(\$|\{(\w+)(?::([-?])([^}]*))?\})/g, (_, all: string, name = '', kind = '', word = '') => {
    if (all === '$') return '$'
    if (env[name]) return env[name]
    if (kind === '?') throw new Error(`required variable ${name} is missing a value: ${word}`)
    return word
  })
