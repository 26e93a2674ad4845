/** A role's prompt: the `prompt.md` beside its source, read once. */
import { readFileSync } from 'node:fs'

export const promptFile = (beside: string, name = 'prompt.md'): string =>
  readFileSync(new URL(name, beside), 'utf8').trim()
