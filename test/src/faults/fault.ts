/** A fault of one line, as `test/faults/*.json` names it: what is planted where, and which tests must turn red. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

export const Fault = z.strictObject({
  /** What somebody would notice who used Sluice with this fault in it. */
  name: z.string().min(1),
  file: z.string(),
  /** Stands in the file exactly once. */
  old: z.string().min(1),
  new: z.string(),
  /** A test file, and optionally a pattern for the names of its tests. */
  test: z.union([z.tuple([z.string()]), z.tuple([z.string(), z.string()])]),
})
export type Fault = z.infer<typeof Fault>

/** All of them, in the order of their files. */
export function faultsIn(root: string): Fault[] {
  const dir = join(root, 'test', 'faults')
  const files = readdirSync(dir).filter((name) => name.endsWith('.json'))
  return files.sort().flatMap((name) => z.array(Fault).parse(JSON.parse(readFileSync(join(dir, name), 'utf8'))))
}

/** The source with the fault in it; throws where it no longer fits, for a fault that is not planted proves nothing. */
export function planted(source: string, fault: Fault): string {
  const [before, after, ...more] = source.split(fault.old)
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error(`${fault.file} holds what "${fault.name}" replaces ${source.split(fault.old).length - 1} times.`)
  return before + fault.new + after
}
