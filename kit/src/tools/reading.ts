/** Tools that read: `read`, `glob`, `grep`, over a worktree or over a commit. */
import { extname } from 'node:path'
import { z } from 'zod'
import { type AnyTool, type Content, defineTool, type ToolResult } from '../agent.ts'
import { linesOf, numbered } from '../numbered.ts'
import { globOf } from './glob.ts'
import { grepTool } from './grep.ts'
import type { Source } from './source.ts'

const MOST_LINES = 2_000
/** What a model is given at once: below what every result is cut to, so that a file is never cut in its middle. */
const MOST_BYTES = 28_000
const LONGEST_LINE = 2_000
const MOST_HITS = 200
const LARGEST_PICTURE_BYTES = 3_700_000

export const readingTools = (source: Source): AnyTool[] => [readTool(source), globTool(source), grepTool(source)]

const say = (text: string, ok = true): ToolResult => ({ ok, content: [{ type: 'text', text }] })

const readTool = (source: Source): AnyTool =>
  defineTool({
    name: 'read',
    description:
      `Reads a file of the project, with line numbers, at most ${MOST_LINES} lines at once; pictures (png, jpg, webp) are shown. ` +
      'Paths are relative to the root of the project.',
    input: z.object({
      path: z.string().min(1),
      offset: z.int().positive().optional().describe('first line, from 1'),
      limit: z.int().positive().max(MOST_LINES).optional().describe('how many lines'),
    }),
    readOnly: true,
    hand: true,
    title: ({ path, offset }) => `read ${path}${offset ? ` from line ${offset}` : ''}`,
    async run({ path, offset = 1, limit = MOST_LINES }) {
      const content = await source.read(path).catch((error: unknown) => withNames(error, path, source))
      const picture = pictureIn(path, content)
      if (picture) return { ok: true, content: [picture] }
      const other = otherwise[extname(path).toLowerCase()]
      if (other) return say(`${path} is not read here: ${other}`, false)
      if (content.subarray(0, 8_192).includes(0)) return say(`${path} is not text: ${content.length} bytes.`, false)
      return say(part(content.toString('utf8'), offset, limit))
    },
  })

const pictureTypes = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
} as const

function pictureIn(path: string, data: Buffer): Content | null {
  const mediaType = pictureTypes[extname(path).toLowerCase() as keyof typeof pictureTypes]
  return mediaType && data.length <= LARGEST_PICTURE_BYTES ? { type: 'image', mediaType, data } : null
}

/** What is no text for a model, and how it gets at it. */
const otherwise: Record<string, string | undefined> = {
  '.ipynb': 'it is a notebook, JSON around code. Take the cells out of it with a command.',
  '.pdf': 'it is a PDF. Take its text out with a command, where the project has one for that.',
}

/** A path that is nearly right is a guess nearly made: the names most like it are told. */
async function withNames(error: unknown, path: string, source: Source): Promise<never> {
  if (!(error instanceof Error) || !error.message.startsWith('There is no file')) throw error
  const name = path.split('/').at(-1)?.toLowerCase() ?? ''
  const stem = name.replace(/\.[^.]*$/, '')
  const near = (await source.list())
    .filter((one) => {
      const other = one.split('/').at(-1)?.toLowerCase() ?? ''
      return other === name || (stem.length > 2 && other.replace(/\.[^.]*$/, '') === stem) || one.startsWith(`${path}/`)
    })
    .slice(0, 5)
  throw near.length > 0 ? new Error(`${error.message} There is: ${near.join(', ')}.`) : error
}

function part(text: string, offset: number, limit: number): string {
  const lines = linesOf(text)
  if (lines.length === 0) return '(the file is empty)'
  if (offset > lines.length) return `(the file ends at line ${lines.length})`
  const shown = fitting(lines.slice(offset - 1, offset + limit - 1))
  const next = offset + shown.length
  const left = lines.length + 1 - next
  return left > 0
    ? `${numbered(shown, offset)}\n(${left} more lines: read on from line ${next})`
    : numbered(shown, offset)
}

function fitting(lines: string[]): string[] {
  const shown: string[] = []
  let bytes = 0
  for (const line of lines) {
    const left = line.length - LONGEST_LINE
    const cut = left > 0 ? `${line.slice(0, LONGEST_LINE)}… (${left} more characters)` : line
    bytes += Buffer.byteLength(cut) + 8
    if (bytes > MOST_BYTES && shown.length > 0) break
    shown.push(cut)
  }
  return shown
}

const globTool = (source: Source): AnyTool =>
  defineTool({
    name: 'glob',
    description: 'Lists files of the project whose path matches a pattern, such as `src/**/*.ts` or `**/package.json`.',
    input: z.object({ pattern: z.string().min(1) }),
    readOnly: true,
    hand: true,
    title: ({ pattern }) => `glob ${pattern}`,
    async run({ pattern }) {
      const paths = (await source.list()).filter(globOf(pattern))
      if (paths.length === 0) return say('No file matches.')
      const more = paths.length > MOST_HITS ? `\n(${paths.length - MOST_HITS} more: make the pattern narrower)` : ''
      return say(paths.slice(0, MOST_HITS).join('\n') + more)
    },
  })
