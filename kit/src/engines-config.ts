/** The person's own engines: `engines: { <name>: … }` of their config. */
import { z } from 'zod'
import { AcpConfig, AcpName } from './agents/acp/config.ts'

export const EnginesConfig = z.record(AcpName, AcpConfig)
export type EnginesConfig = z.infer<typeof EnginesConfig>
