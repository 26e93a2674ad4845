/** What memory knows about a request, written into the run so that people see what the model was told. */
import type { Lesson, Memory } from './role.ts'
import type { Run } from './run.ts'

const MOST_LESSONS = 4

export async function remembered(memory: Memory, run: Run, about: string): Promise<Lesson[]> {
  const lessons = await memory.search(about, { limit: MOST_LESSONS })
  for (const { storyId, title } of lessons)
    await run.append('note', { type: 'memory', storyId, text: `Remembered: ${title}` })
  return lessons
}

/** As it stands in a prompt: material, marked as such. */
export const lessonText = (l: Lesson): string =>
  `<earlier-story title=${JSON.stringify(l.title)} commit="${l.commit.slice(0, 12)}">\n${l.summary}\nFiles: ${l.files.join(', ')}\n</earlier-story>`
