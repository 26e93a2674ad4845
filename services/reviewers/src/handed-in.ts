/** What a reviewer that is a model hands in, as it is told to it. */
import { Severity } from '@sluice/proto/parts.ts'
import { z } from 'zod'

const MOST_FINDINGS = 10

export const Found = z.object({
  severity: Severity,
  blocking: z.boolean(),
  path: z.string().optional().describe('a file of the project, from its root'),
  startLine: z.int().positive().optional().describe('in the file at head; at base for a file that was deleted'),
  endLine: z.int().positive().optional(),
  claim: z.string().min(1).describe('one sentence: what is wrong and what follows from it'),
  evidence: z.string().min(1).describe('the lines that show it, quoted, and how they are reached'),
  criterion: z.string().optional().describe('the id of the criterion that is not met'),
  cwe: z.string().optional(),
  owasp: z.string().optional(),
  suggestion: z.string().optional(),
})
export type Found = z.infer<typeof Found>

export const HandedIn = z.object({
  summary: z.string().min(1),
  verdict: z.enum(['approve', 'reject']),
  findings: z.array(Found).max(MOST_FINDINGS),
  earlier: z.array(z.object({ findingId: z.string(), resolved: z.boolean(), note: z.string() })),
})
export type HandedIn = z.infer<typeof HandedIn>
