/** The person's own engines: `engines: { <name>: … }` of their config. */
import { z } from 'zod'
import { AcpConfig, AcpName } from './agents/acp/config.ts'
import { ClaudeCodeSettings } from './agents/claude-code/settings.ts'

const schemaOf = (name: string): z.ZodType | null => {
  if (name === 'claude-code') return ClaudeCodeSettings
  return AcpName.safeParse(name).success ? AcpConfig : null
}

/** What each says is its engine's to read; what will not do is found where it is written. */
export const EnginesConfig = z.record(z.string(), z.unknown()).superRefine((engines, context) => {
  for (const [name, said] of Object.entries(engines)) {
    const schema = schemaOf(name)
    const issues = schema ? (schema.safeParse(said).error?.issues ?? []) : [{ path: [], message: UNKNOWN }]
    for (const { path, message } of issues) context.addIssue({ code: 'custom', path: [name, ...path], message })
  }
})
export type EnginesConfig = z.infer<typeof EnginesConfig>

const UNKNOWN = 'an engine is claude-code, acp, or acp: and a name'
