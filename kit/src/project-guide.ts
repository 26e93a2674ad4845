/** What a project tells those who change it, from the base commit: its own words, shown as that, never as orders to an agent. */
import type { Content } from './agent.ts'
import type { Repository } from './repository.ts'
import { sealed } from './sealed.ts'
import { globOf } from './tools/glob.ts'
import { commitSource } from './tools/source.ts'

/** In this order; what is read first is kept first. */
const GUIDES = [
  'AGENTS.md',
  'CLAUDE.md',
  '.kiro/steering/*.md',
  '.cursor/rules/*.md',
  '.cursor/rules/*.mdc',
  '.cursorrules',
]
const FURTHER = ['.github/copilot-instructions.md']
const LONGEST_CHARS = 20_000
const MOST_CHARS = 60_000

/** As part of a prompt; nothing where the project has none. */
export async function guideContent(repository: Pick<Repository, 'view'>, commit: string): Promise<Content[]> {
  const guide = await projectGuide(repository, commit)
  return guide.length > 0 ? [{ type: 'text', text: guide.join('\n\n') }] : []
}

export async function projectGuide(repository: Pick<Repository, 'view'>, commit: string): Promise<string[]> {
  const source = commitSource(repository, commit)
  const paths = await source.list()
  const named = [...GUIDES, ...FURTHER].flatMap((pattern) => paths.filter(globOf(pattern)))
  const read = await Promise.all(
    named.map(async (path) => ({ path, text: (await source.read(path)).toString('utf8').trim() })),
  )
  const words = read.filter(({ text }, i) => text !== '' && !isSameAs(text, read.slice(0, i)))
  const always = words.filter(({ text }) => isForAll(text))

  const shown: string[] = []
  let left = MOST_CHARS
  for (const { path, text } of always) {
    const room = Math.min(LONGEST_CHARS, left)
    if (room <= 0) break
    const more = text.length - room
    shown.push(
      sealed(
        'project-guide',
        { path },
        more > 0 ? `${text.slice(0, room)}\n(${more} more characters: read the file)` : text,
      ),
    )
    left -= Math.min(room, text.length)
  }
  const others = [
    ...words.filter((one) => !always.includes(one)).map(({ path }) => path),
    ...paths.filter((path) => /.\/(?:AGENTS|CLAUDE)\.md$/.test(path)),
  ]
  if (others.length > 0) shown.push(sealed('project-guides-for-parts', {}, others.slice(0, 50).join('\n')))
  return shown
}

/** A link, or a line that names another guide: a second copy says nothing. */
const isSameAs = (text: string, before: readonly { path: string; text: string }[]): boolean =>
  before.some((one) => one.text === text || text.replace(/^@?(?:\.\/)?/, '') === one.path)

/** Kiro's `inclusion` and Cursor's `alwaysApply` say which are for some files only. */
function isForAll(text: string): boolean {
  const [, head = ''] = /^---\r?\n([\s\S]*?)\r?\n---/.exec(text) ?? []
  if (/^inclusion:\s*(?!["']?always)\S/m.test(head)) return false
  return !/^alwaysApply:\s*false/m.test(head)
}
