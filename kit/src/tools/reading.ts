/** Tools that read: `read`, `glob`, `grep`, over a worktree or over a commit. */
import { extname } from 'node:path'
import { z } from 'zod'
import { type AnyTool, type Content, defineTool, type ToolResult } from '../agent.ts'
import { linesOf, numbered } from '../numbered.ts'
import { globOf } from './glob.ts'
import { lineSearch, type Match, matchesIn } from './search.ts'
import { readSome, type Source } from './source.ts'

const MOST_LINES = 2_000
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
      const content = await source.read(path)
      const picture = pictureIn(path, content)
      if (picture) return { ok: true, content: [picture] }
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

function part(text: string, offset: number, limit: number): string {
  const lines = linesOf(text)
  if (lines.length === 0) return '(the file is empty)'
  if (offset > lines.length) return `(the file ends at line ${lines.length})`
  const next = offset + limit
  const shown = numbered(lines.slice(offset - 1, next - 1), offset)
  const left = lines.length + 1 - next
  return left > 0 ? `${shown}\n(${left} more lines: read on from line ${next})` : shown
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

const grepTool = (source: Source): AnyTool =>
  defineTool({
    name: 'grep',
    description: 'Finds lines that match a regular expression (JavaScript) in the files of the project.',
    input: z.object({
      pattern: z.string().min(1),
      glob: z.string().optional().describe('only files whose path matches, such as `src/**/*.ts`'),
      ignoreCase: z.boolean().optional(),
    }),
    readOnly: true,
    hand: true,
    title: ({ pattern, glob }) => `grep ${pattern}${glob ? ` in ${glob}` : ''}`,
    async run({ pattern, glob, ignoreCase = false }, { signal }) {
      const found = await searchAll(source, { pattern, glob, ignoreCase, signal })
      return say(shown(found))
    },
  })

type Search = { pattern: string; glob: string | undefined; ignoreCase: boolean; signal: AbortSignal }

const FILES_AT_ONCE = 200

/** One more than is shown is enough to say that there are more. */
async function searchAll(source: Source, { pattern, glob, ignoreCase, signal }: Search): Promise<Match[]> {
  const search = lineSearch(pattern, { ignoreCase })
  const paths = (await source.list()).filter(glob ? globOf(glob) : () => true)
  const matches: Match[] = []
  for (let at = 0; at < paths.length && matches.length <= MOST_HITS; at += FILES_AT_ONCE) {
    signal.throwIfAborted()
    const files = await readSome(source, paths.slice(at, at + FILES_AT_ONCE))
    matches.push(...files.flatMap(({ path, content }) => matchesIn(path, content, search)))
  }
  return matches
}

function shown(matches: Match[]): string {
  if (matches.length === 0) return 'No line matches.'
  const lines = matches.slice(0, MOST_HITS).map(({ path, line, text }) => `${path}:${line}: ${text}`)
  return matches.length > MOST_HITS
    ? `${lines.join('\n')}\n(more lines match: make the pattern narrower)`
    : lines.join('\n')
}
