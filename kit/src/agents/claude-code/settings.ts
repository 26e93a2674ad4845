/** What a person says of their Claude Code in `config.yaml`, under `engines: { claude-code: … }`. */
import { join } from 'node:path'
import { z } from 'zod'
import { homeOf } from '../../toolchains.ts'

export const ClaudeCodeSettings = z.strictObject({
  /** The program and what it is always given. */
  command: z.array(z.string().min(1)).min(1).default(['claude']),
  /** `login`: the person's own, as `claude` keeps it, for this engine alone · `key`: what Sluice's gateway has. Unsaid: the key if it has one. */
  auth: z.enum(['login', 'key']).optional(),
  /** Where `claude` keeps the login, if not in `~/.claude/.credentials.json`. */
  credentials: z.string().startsWith('/').optional(),
})
export type ClaudeCodeSettings = z.infer<typeof ClaudeCodeSettings>

type Env = Readonly<Record<string, string | undefined>>

/** Where it renews a login that has expired. */
export const LOGIN_HOST = 'platform.claude.com'

export const CREDENTIALS = '.credentials.json'

export const credentialsFile = ({ credentials }: ClaudeCodeSettings, env: Env = process.env): string =>
  credentials ?? join(homeOf(env), '.claude', CREDENTIALS)
