/** Edits as data: a text that occurs once is replaced, or a new file is written. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'

/** Without `old` the file is new. */
export const Edit = z.strictObject({ path: z.string().min(1), old: z.string().min(1).optional(), new: z.string() })
export type Edit = z.infer<typeof Edit>

/** The text after the edit; throws when the place is not there, or not the only one. */
export function applyEdit(text: string | undefined, edit: Edit): string {
  if (edit.old === undefined) return edit.new
  const found = (text ?? '').split(edit.old).length - 1
  if (found !== 1)
    throw new Error(`${edit.path} has ${found} places like ${JSON.stringify(edit.old.slice(0, 80))}, not one.`)
  // By function: `$&` in a replacement is text, not a pattern.
  return (text ?? '').replace(edit.old, () => edit.new)
}

export function applyEdits(dir: string, edits: readonly Edit[]): void {
  for (const edit of edits) {
    const file = join(dir, edit.path)
    const text = edit.old === undefined ? undefined : readFileSync(file, 'utf8')
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, applyEdit(text, edit))
  }
}
