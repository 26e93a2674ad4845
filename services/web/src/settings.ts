/** What web is told at its start: ports, tokens, the project and the engine it speaks of. Read once, from one object. */

import { defaultEngine, engineNames } from '@sluice/kit/engines.ts'
import { EnginesConfig } from '@sluice/kit/engines-config.ts'
import { WorktreePolicy } from '@sluice/kit/worktree-policy.ts'
import { Token } from '@sluice/proto/event.ts'
import { Choice, Choices, Limits } from '@sluice/proto/parts.ts'
import { Session } from '@sluice/proto/rest.ts'
import { z } from 'zod'

const { project, engine, jail, bus } = Session.shape

/** The `own` part of the service's file, written by `up`. */
export const Own = z.object({
  /** The page and REST: `http://127.0.0.1:<port>`. */
  port: z.int().positive(),
  /** What agents wrote: `http://localhost:<framesPort>`. */
  framesPort: z.int().positive(),
  /** Who holds it is the person. */
  token: z.string().min(16),
  /** Tokens of roles, each with the bus user it belongs to: artifacts and nothing else. */
  roleTokens: z.record(z.string().min(16), Token),
  project,
  engine,
  jail,
  /** What previews may reach and read: as every jail of the person's. */
  preview: z
    .object({
      egress: z.array(z.string()).default([]),
      services: z.array(z.string()).default([]),
      readable: z.array(z.string()).default([]),
      registry: z.string().optional(),
    })
    .prefault({}),
  /** How many builds of the project may run at once. */
  builds: z.int().positive(),
  budgetUsd: z.number().positive(),
  /** Up to 1 a share of the budget, above that dollars; 1 is no soft line. */
  soft: z.number().positive().default(1),
  /** Lines of every story beside its budget. */
  limits: Limits.omit({ softUsd: true }).default({}),
  /** What the person lets checkouts have of their own files. */
  copy: z.array(z.string()).default([]),
  worktree: WorktreePolicy.prefault({}),
  bus,
  /** The stories the scripted model plays, and no others; null where a real model works. */
  /** What roles work with unless a story says otherwise, and where single roles differ. */
  choice: Choice.required({ engine: true, model: true })
    .extend({ roles: Choices.default({}) })
    .default({ engine: defaultEngine, model: 'claude-opus-5-5', roles: {} }),
  /** What may carry a conversation, by name. */
  engines: z.array(z.string()).default(() => engineNames()),
  /** Agents of others that the person's configuration names as engines. */
  agents: EnginesConfig.default({}),
  /** Models whose price the person's own configuration names. */
  priced: z.array(z.string()).default([]),
  /** The person's editor, started on a worktree that they have. */
  editor: z.array(z.string().min(1)).optional(),
  demoStories: z.array(z.object({ title: z.string(), text: z.string() })).nullable(),
})
export type Own = z.infer<typeof Own>

export const pageOrigin = ({ port }: Pick<Own, 'port'>): string => `http://127.0.0.1:${port}`
export const framesOrigin = ({ framesPort }: Pick<Own, 'framesPort'>): string => `http://localhost:${framesPort}`
