/** What memory knows about a request, written into the run so that people see what the model was told. */
import type { Lesson, Memory, Recalled } from './role.ts'
import type { Run } from './run.ts'
import { sealed } from './sealed.ts'

const MOST_LESSONS = 4

/** `asked`: the title first, for what stands there says most. */
export async function remembered(memory: Memory, run: Run, asked: { title: string; text: string }): Promise<Recalled> {
  const recalled = await memory.search(`${asked.title}\n${asked.text}`, { limit: MOST_LESSONS })
  for (const { storyId, title, commit, origin } of recalled.lessons) {
    const from = origin === 'history' ? ` (from history, not a story: ${commit.slice(0, 12)})` : ''
    await run.append('note', { type: 'memory', storyId, text: `Remembered: ${title}${from}` })
  }
  return recalled
}

/** As it stands in a prompt: material, sealed, so that nothing in it can pass for a word of ours. */
export function lessonText({ origin, title, commit, summary, files }: Lesson): string {
  const name = origin === 'history' ? 'earlier-commit' : 'earlier-story'
  const told = [summary, ...(files.length > 0 ? [`Files: ${files.join(', ')}`] : [])].join('\n')
  return sealed(name, { title, commit: commit.slice(0, 12) }, told)
}

/** Paths of earlier work like this: where to look first, no more. */
const filesText = (files: readonly string[]): string => sealed('files-worth-a-look', {}, files.join('\n'))

/** For roles that have to find their way in the repository. */
export const recalledTexts = ({ lessons, files }: Recalled): string[] => [
  ...lessons.map(lessonText),
  ...(files.length > 0 ? [filesText(files)] : []),
]
