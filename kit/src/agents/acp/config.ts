/** An agent of the Agent Client Protocol as the person names it in their config: its command, and what it must be told. */
import { z } from 'zod'

export const AcpConfig = z.strictObject({
  command: z.array(z.string().min(1)).min(1),
  /** Seen in the agent's jail. `{model}` and `{url}` stand for the model and for the address models are reached at there. */
  env: z.record(z.string().regex(/^[A-Za-z_]\w*$/), z.string()).default({}),
  /** How the agent calls our models, where it has names of its own: `claude-opus-5-5: anthropic/claude-opus-5-5`. */
  models: z.record(z.string(), z.string()).default({}),
  /** The session mode to work in, by the agent's own id. */
  mode: z.string().min(1).optional(),
  /** What its jail shows beside the program itself. */
  readable: z.array(z.string().startsWith('/')).default([]),
})
export type AcpConfig = z.infer<typeof AcpConfig>

/** `acp`, or `acp:` and a name of the person's where there are several. */
export const AcpName = z.string().regex(/^acp(:[a-z0-9][a-z0-9-]{0,30})?$/)

export const modelNameOf = ({ models }: AcpConfig, model: string): string => models[model] ?? model

/** Variables with their places filled in. */
export const filled = (env: Record<string, string>, values: { model: string; url: string }): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).map(([name, value]) => [
      name,
      value.replaceAll('{model}', values.model).replaceAll('{url}', values.url),
    ]),
  )
