/** The tool `grep`: lines of the project that match, over a worktree or over a commit. */
import { extname } from 'node:path'
import { z } from 'zod'
import { type AnyTool, defineTool } from '../agent.ts'
import { globOf } from './glob.ts'
import { linesThatMatch, type TextSearch, textSearch } from './search.ts'
import { readSome, type Source } from './source.ts'

const MOST_LINES = 200
const FILES_AT_ONCE = 200

export type Query = {
  pattern: string
  /** Only files whose path matches, only of this type, only below this directory. */
  glob?: string | undefined
  type?: FileType | undefined
  path?: string | undefined
  ignoreCase: boolean
  show: 'lines' | 'files' | 'counts'
  /** Lines shown before and after one that matches. */
  context: number
  /** Lines given back at most; one more says that there are more. */
  most: number
}

/** Names as ripgrep has them, for those that a question is usually about. */
const fileTypes = {
  ...{ ts: 'ts tsx mts cts', js: 'js jsx mjs cjs vue', py: 'py pyi', go: 'go', rust: 'rs', java: 'java jsp' },
  ...{
    css: 'css scss',
    html: 'html htm ejs',
    json: 'json',
    yaml: 'yaml yml',
    md: 'md mdx markdown',
    sh: 'sh bash zsh',
  },
}
type FileType = keyof typeof fileTypes
const FileType = z.enum(Object.keys(fileTypes) as [FileType, ...FileType[]])

export const grepTool = (source: Source): AnyTool =>
  defineTool({
    name: 'grep',
    description:
      'Finds lines that match a regular expression in the files of the project, as `path:line:text`; what git ignores is left out. Narrow it ' +
      'with `path`, `glob` or `type`; `show: files` for the paths alone, `counts` for how often; `context` for lines around.',
    input: z.object({
      pattern: z.string().min(1),
      path: z.string().min(1).optional().describe('a directory or a file'),
      glob: z.string().min(1).optional().describe('such as `src/**/*.ts`'),
      type: FileType.optional(),
      ignoreCase: z.boolean().optional(),
      show: z.enum(['lines', 'files', 'counts']).optional().describe('default lines'),
      context: z.int().nonnegative().max(20).optional(),
    }),
    readOnly: true,
    hand: true,
    title: ({ pattern, glob, path, type }) =>
      [`grep ${pattern}`, ...[glob, path, type].filter(Boolean).map((where) => `in ${where}`)].join(' '),
    async run({ ignoreCase = false, show = 'lines', context = 0, ...asked }, { signal }) {
      const query: Query = { ...asked, ignoreCase, show, context: show === 'lines' ? context : 0, most: MOST_LINES + 1 }
      const found = await (source.search ?? ((q, s) => searchAll(source, q, s)))(query, signal)
      return { ok: true, content: [{ type: 'text', text: shown(found) }] }
    },
  })

function shown(lines: string[]): string {
  if (lines.length === 0) return 'No line matches.'
  if (lines.length <= MOST_LINES) return lines.join('\n')
  return `${lines.slice(0, MOST_LINES).join('\n')}\n(more match: make the pattern or the place narrower)`
}

/** Where there is no ripgrep: a commit, a desk. */
async function searchAll(source: Source, query: Query, signal: AbortSignal): Promise<string[]> {
  const search = textSearch(query.pattern, { ignoreCase: query.ignoreCase })
  const paths = (await source.list()).filter(wantedBy(query))
  const found: string[] = []
  for (let at = 0; at < paths.length && found.length < query.most; at += FILES_AT_ONCE) {
    signal.throwIfAborted()
    for (const { path, content } of await readSome(source, paths.slice(at, at + FILES_AT_ONCE)))
      found.push(...foundIn(path, content, { query, search }))
  }
  return found.slice(0, query.most)
}

function wantedBy({ glob, type, path }: Query): (file: string) => boolean {
  const below = path?.replace(/^(?:\.?\/)+|\/+$/g, '')
  const matches = glob ? globOf(glob.includes('/') ? glob : `**/${glob}`) : () => true
  const endings = type && fileTypes[type].split(' ')
  return (file) =>
    (!below || below === '.' || file === below || file.startsWith(`${below}/`)) &&
    (!endings || endings.includes(extname(file).slice(1))) &&
    matches(file)
}

function foundIn(path: string, content: Buffer, { query, search }: { query: Query; search: TextSearch }): string[] {
  const matches = linesThatMatch(content, search)
  if (matches === null || matches.numbers.length === 0) return []
  if (query.show === 'files') return [path]
  if (query.show === 'counts') return [`${path}:${matches.numbers.length}`]
  return around(matches.numbers, query.context, matches.lines.length).map(({ number, gap }) => {
    if (gap) return '--'
    const mark = matches.numbers.includes(number) ? ':' : '-'
    return `${path}${mark}${number}${mark}${matches.lines[number - 1] ?? ''}`
  })
}

/** The lines to show, in order, and where some between them are left out. */
function around(numbers: number[], context: number, last: number): { number: number; gap?: true }[] {
  const wanted = new Set(
    numbers
      .flatMap((n) => Array.from({ length: 2 * context + 1 }, (_, i) => n - context + i))
      .filter((n) => n > 0 && n <= last),
  )
  const inOrder = [...wanted].sort((a, b) => a - b)
  return inOrder.flatMap((number, i) => {
    const before = inOrder[i - 1]
    const gap = context > 0 && before !== undefined && before < number - 1
    return gap ? [{ number: 0, gap: true as const }, { number }] : [{ number }]
  })
}
