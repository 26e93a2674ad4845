/** The person's own settings: one YAML file, every key optional, nothing else in it. */

import { CopyPattern } from '@sluice/kit/copy-pattern.ts'
import { engineNames } from '@sluice/kit/engines.ts'
import { Refusal } from '@sluice/kit/errors.ts'
import { McpConfig } from '@sluice/kit/mcp/config.ts'
import { configFile } from '@sluice/kit/paths.ts'
import { PermissionPolicy } from '@sluice/kit/permits.ts'
import { Prices } from '@sluice/kit/prices.ts'
import { FORWARD_PORT } from '@sluice/kit/proxy-env.ts'
import { RoleOwn } from '@sluice/kit/role-own.ts'
import { WorktreePolicy } from '@sluice/kit/worktree-policy.ts'
import { Token } from '@sluice/proto/event.ts'
import { Choice, Limits } from '@sluice/proto/parts.ts'
import { defaultBudgetUsd, pipeline } from '@sluice/proto/pipeline.ts'
import { parseDocument } from 'yaml'
import { z } from 'zod'
import { readOrNull } from './private-file.ts'

/** Of this machine's loopback with its port: another host is one for `egress`. */
const LOOPBACK_SERVICE = new RegExp(`^(127\\.0\\.0\\.1|localhost|\\[::1\\]):(?!${FORWARD_PORT}$)[1-9]\\d{0,4}$`)
const OF_A_SERVICE = `it is no service of the loopback such as 127.0.0.1:5432 (${FORWARD_PORT} is the jail's own)`
const RateLimit = z.object({
  policy: z.enum(['wait', 'ask', 'fail']).default('wait'),
  seconds: z.number().nonnegative().max(60).default(60),
})

const Settings = z.strictObject({
  /** What carries conversations: `sluice doctor` says which work here. */
  engine: RoleOwn.shape.engine,
  /** A model id of the Messages API. */
  model: RoleOwn.shape.model,
  effort: RoleOwn.shape.effort,
  /** What engines are told: which program they are, and by what they are let in. */
  engines: RoleOwn.shape.engines,
  /** What agents may do without asking: one word for all roles, or one for each. */
  permissions: z
    .union([
      PermissionPolicy.transform((policy) => ({ '*': policy })),
      z.record(z.union([Token, z.literal('*')]), PermissionPolicy),
    ])
    .default({}),
  permissionSeconds: RoleOwn.shape.permissionSeconds,
  /** By role or seat, what is to be otherwise than the three above. */
  roles: z.record(Token, z.strictObject(Choice.shape)).default({}),
  budget: z
    .strictObject({
      usd: z.number().positive().default(defaultBudgetUsd),
      /** Up to 1 a share of the budget, above that dollars: past it the story asks once. 1 is none. */
      soft: z.number().positive().default(0.8),
      /** What all stories of the project may spend a day. */
      dayUsd: Limits.shape.dayUsd,
      /** With a login: tokens a story may use. */
      tokens: Limits.shape.tokens,
      /** Of each story, by role or seat, and by stage. */
      roles: z.record(Token, z.number().positive()).optional(),
      stages: z.partialRecord(z.enum(pipeline.map(({ stage }) => stage)), z.number().positive()).optional(),
    })
    .prefault({}),
  /** What becomes of a call that would have to wait longer for the account's limits than `seconds`. */
  rateLimit: z
    .union([RateLimit.shape.policy.transform((policy) => RateLimit.parse({ policy })), z.strictObject(RateLimit.shape)])
    .prefault({}),
  /** Model calls under way at once. */
  calls: z.int().positive().default(8),
  /** Before a run is parked and the person asked: same calls of a tool in a row, turns without a change to the tree. */
  loop: z.strictObject({ sameCalls: z.int().min(2).default(5), idleTurns: z.int().min(5).default(40) }).prefault({}),
  /** What the model can read, and from which share of it on a conversation is begun anew. */
  window: RoleOwn.shape.window,
  /** Dollars per million tokens by model, before the public ones. */
  prices: Prices.optional(),
  /** Hosts that jailed commands may reach beside the package registries. */
  egress: z.array(z.string().min(1)).default([]),
  jail: z
    .strictObject({
      readable: z.array(z.string().startsWith('/')).default([]),
      /** Reached inside on the same port; every other service of the machine stays closed. */
      services: z.array(z.string().regex(LOOPBACK_SERVICE, OF_A_SERVICE)).default([]),
    })
    .prefault({}),
  worktree: z
    .strictObject({
      /** Files of your checkout that git ignores and stories' worktrees get too. */
      copy: z.array(CopyPattern).default([]),
      /** Days a worktree stays after its story has ended. */
      keep: WorktreePolicy.shape.keepDays,
      /** Beyond so many megabytes what git ignores is not archived, and the worktree stays. */
      archiveMb: WorktreePolicy.shape.archiveMb,
    })
    .prefault({}),
  /** MCP servers of agents, by role. */
  mcp: McpConfig.prefault({}),
  /** What opens a worktree that you have taken over: its path is added. */
  editor: z
    .union([
      z
        .string()
        .min(1)
        .transform((one) => [one]),
      z.array(z.string().min(1)).min(1),
    ])
    .optional(),
  /** How many builds may run at once. */
  builds: z.int().positive().optional(),
  port: z.int().min(1).max(65_535).optional(),
  /** Whether a person is told, beside the page, that a story waits for them; or the command that tells them. */
  notify: z.union([z.boolean(), z.array(z.string().min(1)).min(1)]).default(false),
})
export type Settings = z.infer<typeof Settings>

export const defaultSettings: Settings = Settings.parse({})

/** No file is no wish. What cannot be read is refused with its file and key: a limit that is misspelt must not be dropped. */
export function readSettings(file = configFile()): Settings {
  const document = parseDocument(readOrNull(file) ?? '')
  const [broken] = document.errors
  if (broken)
    throw new Refusal(
      `${file} is not YAML: ${broken.message.split('\n')[0]?.replace(/:$/, '')}.`,
      'Mend that line; without the file the defaults hold.',
    )
  const parsed = Settings.safeParse(document.toJS() ?? {})
  if (parsed.success) return checked(parsed.data, file)

  const [issue] = parsed.error.issues
  const strange = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined
  const key = [...(issue?.path ?? []), ...(strange ? [strange] : [])].join('.')
  if (strange) throw new Refusal(`${file}: there is no setting \`${key}\`.`, `It knows ${known()}.`)
  throw new Refusal(`${file}: \`${key}\` will not do: ${issue?.message}.`, 'Mend it, or leave it out for the default.')
}

/** An engine that is misspelt is found at the start, not when the first story reaches it. */
function checked(settings: Settings, file: string): Settings {
  const names = engineNames(settings.engines)
  const named = [
    ['engine', settings.engine],
    ...Object.entries(settings.roles).map(([role, { engine }]) => [`roles.${role}.engine`, engine]),
  ]
  const strange = named.find(([, engine]) => engine !== undefined && !names.includes(engine))
  if (!strange) return settings
  throw new Refusal(
    `${file}: \`${strange[0]}\` names ${strange[1]}, which is no engine.`,
    `There are: ${names.join(', ')}.`,
  )
}

const known = (): string => [...Object.keys(Settings.shape)].join(', ')
