/** Tools that change files of a worktree: `write` and `edit`. */
import { isUtf8 } from 'node:buffer'
import { z } from 'zod'
import { type AnyTool, defineTool, type ToolResult } from '../agent.ts'
import { linesOf, numbered } from '../numbered.ts'
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
      'Replaces text in a file. `old` must stand in the file exactly once, to the last blank, without line numbers: give as many lines around ' +
      'it as that takes, or set `all`. Several edits of one message are made in their order.',
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
      if (old === fresh) return say('Nothing to do: old and new are the same.', false)
      const bytes = await files.read(path).catch((error) => sayWhich(error, path))
      if (!isUtf8(bytes)) return say(`${path} is not UTF-8 text: an edit would change more than it says.`, false)
      const text = bytes.toString('utf8')
      const [from, to] = breaksOf(text, old, fresh)
      const places = placesOf(text, from)
      if (places.length === 0) return say(notFound(path, text, old), false)
      if (places.length > 1 && !all)
        return say(
          `old stands ${places.length} times in ${path}, at lines ${places.join(', ')}: give more around it, or set all.`,
          false,
        )

      const changed = text.split(from).join(to)
      await files.write(path, changed).catch((error) => sayWhich(error, path))
      const around = places.length === 1 ? `\n${excerpt(changed, places[0] as number, to)}` : ''
      return say(`Changed ${path} at line ${places.join(', ')}.${around}`)
    },
  })

/** A file with CRLF keeps it: a model writes LF, and would never match nor know. */
function breaksOf(text: string, old: string, fresh: string): [from: string, to: string] {
  if (text.includes(old) || !text.includes('\r\n')) return [old, fresh]
  const crlf = (part: string) => part.replace(/\r?\n/g, '\r\n')
  return text.includes(crlf(old)) ? [crlf(old), crlf(fresh)] : [old, fresh]
}

/** The changed lines with two on either side, as `read` shows them: what was meant can be compared with what is. */
function excerpt(text: string, line: number, fresh: string): string {
  const from = Math.max(1, line - 2)
  const lines = linesOf(text).slice(from - 1, line + Math.min(count(fresh), 20) + 2)
  return numbered(
    lines.map((one) => one.slice(0, 300)),
    from,
  )
}

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
  if (near.length === 0) return `old does not stand in ${path}, nor does its first line.${likest(text, first)}`
  const start = wanted.indexOf(first)
  const differsAt = (at: number) => wanted.findIndex((line, i) => lines[at - 1 - start + i] !== line)
  const here = (at: number, size: number) =>
    numbered(text.split(/\r?\n/).slice(at - 1, at - 1 + Math.min(size, 30)), at)
  const blanksOnly = near.find((at) => differsAt(at) < 0)
  if (blanksOnly) {
    const begin = blanksOnly - start
    return `old stands in ${path} at line ${blanksOnly} with other blanks or indentation: copy it exactly.\n${here(begin, wanted.length)}`
  }
  const at = near[0] as number
  const differs = at - start + differsAt(at)
  return `old does not stand in ${path}. It begins as line ${at} does and differs at line ${differs}:\n${here(at, differs - at + 3)}`
}

/** Lines that share most words with the one that was looked for. */
function likest(text: string, wanted: string): string {
  const words = new Set(wanted.match(/\w+/g) ?? [])
  if (words.size < 2) return ' Read the file again.'
  const scored = text.split(/\r?\n/).map((line, i) => {
    const shared = [...new Set(line.match(/\w+/g) ?? [])].filter((word) => words.has(word)).length
    return { line, number: i + 1, share: shared / words.size }
  })
  const near = scored.filter(({ share }) => share >= 0.6).sort((a, b) => b.share - a.share || a.number - b.number)
  if (near.length === 0) return ' Read the file again.'
  const shown = near.slice(0, 3).map(({ line, number }) => numbered([line.slice(0, 200)], number))
  return ` Most like it:\n${shown.join('\n')}`
}
