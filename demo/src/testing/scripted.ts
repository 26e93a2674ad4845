/** What is scripted for a story, laid out by hand: the trees its edits make, and the parts of a reviewer's prompt. */
import { execFileSync } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sealed } from '@sluice/kit/sealed.ts'
import type { Finding } from '@sluice/proto/parts.ts'
import { applyEdits, type Edit } from '../edits.ts'
import type { DemoStory } from '../stories.ts'
import type { Played } from './played.ts'

export const editsOf = ({ solution }: Pick<DemoStory, 'solution'>): Edit[] => solution.flatMap(({ edits }) => edits)

export const treeOf = ({ git }: Pick<Played, 'git'>): string => git('rev-parse', 'sluice/s1^{tree}')

/** The tree these edits make of the first commit, typed by nobody. */
export async function scriptedTree({ root }: Pick<Played, 'root'>, edits: readonly Edit[]): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'demo-typed-'))
  try {
    await cp(root, dir, { recursive: true })
    const git = (...args: string[]) => execFileSync('git', ['-C', dir, ...args], { encoding: 'utf8' }).trim()
    git('checkout', '--quiet', 'main')
    applyEdits(dir, edits)
    git('add', '--all')
    return git('write-tree')
  } finally {
    await rm(dir, { recursive: true })
  }
}

/** The diff and the touched files of the branch, as a reviewer's prompt holds them. */
export function diffOf({ git }: Pick<Played, 'git'>): string[] {
  const range = ['main', 'sluice/s1'] as const
  const isNew = (path: string) => git('ls-tree', 'main', path) === ''
  return [
    sealed('diff', { base: git('rev-parse', 'main'), head: git('rev-parse', 'sluice/s1') }, git('diff', ...range)),
    ...git('diff', '--name-only', ...range)
      .split('\n')
      .flatMap((path) => [
        ...(isNew(path) ? [] : [sealed('file', { path, side: 'base' }, git('show', `main:${path}`))]),
        sealed('file', { path, side: 'head' }, git('show', `sluice/s1:${path}`)),
      ]),
  ]
}

/** A finding as the story's next round is asked to mend it. */
export const asFinding = (finding: object, i = 0): Finding => ({
  ...(finding as Finding),
  ...{ id: `f-${i}`, seat: 'security', severity: 'high' },
})

/** The same as the reviewer is asked about it again. */
export const asEarlier = ({ id, path = '', startLine, severity, claim, evidence }: Finding): string =>
  sealed('earlier-finding', { id, path, line: String(startLine), severity }, `${claim}\n${evidence}`)
