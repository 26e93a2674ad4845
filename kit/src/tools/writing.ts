/** Tools that change files of a worktree: `write` and `edit`. */
import { isUtf8 } from 'node:buffer'
import { z } from 'zod'
import { type AnyTool, defineTool, type ToolResult } from '../agent.ts'
import { type Beneath, openBeneath } from './beneath.ts'
import { sayWhich } from './source.ts'

export async function writingTools(root: string): Promise<AnyTool[]> {
  const files = await openBeneath(root)
  return [writeTool(files), editTool(files)]
}

const say = (text: string, ok = true): ToolResult => ({ ok, content: [{ type: 'text', text }] })

const writeTool = (files: Beneath): AnyTool =>
  defineTool({
    name: 'write',
    description: 'Writes a whole file, new or in place of what was there; missing directories are made.',
    input: z.object({ path: z.string().min(1), content: z.string() }),
    readOnly: false,
    hand: true,
    title: ({ path }) => `write ${path}`,
    async run({ path, content }) {
      await files.write(path, content).catch((error) => sayWhich(error, path))
      return say(`Wrote ${path}: ${content.split('\n').length} lines.`)
    },
  })

const editTool = (files: Beneath): AnyTool =>
  defineTool({
    name: 'edit',
    description:
      'Replaces text in a file. `old` must stand in the file exactly once, to the last blank: give as many lines around it as that takes, or set `all`.',
    input: z.object({
      path: z.string().min(1),
      old: z.string().min(1),
      new: z.string(),
      all: z.boolean().optional().describe('replace every occurrence'),
    }),
    readOnly: false,
    hand: true,
    title: ({ path }) => `edit ${path}`,
    async run({ path, old, new: fresh, all = false }) {
      const bytes = await files.read(path).catch((error) => sayWhich(error, path))
      if (!isUtf8(bytes)) return say(`${path} is not UTF-8 text: an edit would change more than it says.`, false)
      const text = bytes.toString('utf8')
      const places = placesOf(text, old)
      if (old === fresh) return say('Nothing to do: old and new are the same.', false)
      if (places.length === 0) return say(notFound(path, text, old), false)
      if (places.length > 1 && !all)
        return say(
          `old stands ${places.length} times in ${path}, at lines ${places.join(', ')}: give more around it, or set all.`,
          false,
        )

      await files.write(path, text.split(old).join(fresh)).catch((error) => sayWhich(error, path))
      return say(`Changed ${path} at line ${places.join(', ')}.`)
    },
  })

/** The lines at which it begins, from 1. */
function placesOf(text: string, part: string): number[] {
  const places: number[] = []
  let line = 1
  let from = 0
  for (let i = text.indexOf(part); i >= 0; i = text.indexOf(part, i + part.length)) {
    line += count(text.slice(from, i))
    from = i
    places.push(line)
  }
  return places
}

const count = (text: string): number => text.split('\n').length - 1

/** Most misses are a matter of blanks, or of one line in between that has changed. */
function notFound(path: string, text: string, old: string): string {
  const lines = text.split('\n').map((line) => line.trim())
  const wanted = old.split('\n').map((line) => line.trim())
  const first = wanted.find((line) => line !== '') ?? ''
  const near = lines.flatMap((line, i) => (first !== '' && line === first ? [i + 1] : []))
  if (near.length === 0) return `old does not stand in ${path}, nor does its first line: read the file again.`
  const start = wanted.indexOf(first)
  const differsAt = (at: number) => wanted.findIndex((line, i) => lines[at - 1 - start + i] !== line)
  const blanksOnly = near.find((at) => differsAt(at) < 0)
  if (blanksOnly)
    return `old stands in ${path} at line ${blanksOnly} with other blanks or indentation: copy it exactly.`
  const at = near[0] as number
  return `old does not stand in ${path}. It begins as line ${at} does and differs at line ${at - start + differsAt(at)}: read the file again.`
}
