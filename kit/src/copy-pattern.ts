/** Names of files that a person lets worktrees have: paths below the repository, or globs. */
import { matchesGlob } from 'node:path'
import { z } from 'zod'

export const CopyPattern = z
  .string()
  .trim()
  .min(1)
  .refine((text) => !text.startsWith('/') && !text.split('/').includes('..'), 'must stay below the repository')

/** What a repository asks for and the person has not listed. */
export const notGranted = (asked: readonly string[], granted: readonly string[]): string[] =>
  asked.filter((name) => !granted.some((own) => own === name || matchesGlob(name, own)))
