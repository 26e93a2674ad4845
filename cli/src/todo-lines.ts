/** What the agent at work has still to do, by the list it keeps. */
import { RunView } from '@sluice/proto/rest.ts'
import type { TodoItem } from '@sluice/proto/todo.ts'
import { z } from 'zod'
import type { Rest } from './rest.ts'
import { plain } from './terminal.ts'

const marks = { open: '○', doing: '▸', done: '✓' } as const

/** Of the run that began last; nothing where it keeps none, or nobody can say. */
export async function todoLines(rest: Rest, storyId: string): Promise<string[]> {
  const path = `/api/stories/${encodeURIComponent(storyId)}/runs`
  const runs = await rest.get(path, z.array(RunView)).catch(() => [])
  const latest = runs.toSorted((a, b) => a.started.localeCompare(b.started)).at(-1)
  const items: readonly TodoItem[] = latest?.notes.findLast(({ todo }) => todo !== undefined)?.todo ?? []
  return items.map(({ text, state }) => `  ${marks[state]} ${plain(text)}`)
}
