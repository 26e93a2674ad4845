/** The tool `todo`: the list a model keeps of its work, told to people while it changes. */
import { type TodoItem, TodoNote } from '@sluice/proto/todo.ts'
import { z } from 'zod'
import { type AnyTool, defineTool } from '../agent.ts'
import type { Run } from '../run.ts'

type Journal = Pick<Run, 'earlier' | 'entries' | 'append'>

/** The list lies in the journal and nowhere else: a later attempt has it as it stood. */
export const todoTool = (run: Journal): AnyTool =>
  defineTool({
    name: 'todo',
    description:
      'Keeps the list of what you have to do, shown to the person while you work. Give the whole list each time: one item `doing`, the others ' +
      '`open` or `done`. For work of three steps and more; drop what turned out not to be needed.',
    input: z.object({ items: TodoNote.shape.items }),
    readOnly: false,
    repeatable: true,
    title: ({ items }) => `todo: ${countOf(items)}`,
    async run({ items }) {
      await run.append('note', { type: 'todo', text: textOf(items), items } satisfies TodoNote)
      return { ok: true, content: [{ type: 'text', text: `Kept: ${countOf(items)}.` }] }
    },
  })

/** As it stands now; empty while there is none. */
export function todoOf(run: Pick<Run, 'earlier' | 'entries'>): TodoItem[] {
  const lists = [...run.earlier, ...run.entries()].flatMap(({ kind, data }) => {
    const note = kind === 'note' ? TodoNote.safeParse(data).data : undefined
    return note ? [note.items] : []
  })
  return lists.at(-1) ?? []
}

/** Why a result is not accepted yet: what the model itself says is still to be done. */
export function openItems(run: Pick<Run, 'earlier' | 'entries'>): string | null {
  const open = todoOf(run).filter(({ state }) => state !== 'done')
  if (open.length === 0) return null
  const items = open.map(({ text }) => `- ${text}`).join('\n')
  return `your list still holds:\n${items}\nDo it, or set it to done, or drop it with its reason in the summary; then submit again.`
}

const countOf = (items: readonly TodoItem[]): string => {
  const done = items.filter(({ state }) => state === 'done').length
  return `${done} of ${items.length} done`
}

const marks = { open: '☐', doing: '▸', done: '☑' }
const textOf = (items: readonly TodoItem[]): string =>
  items.map(({ text, state }) => `${marks[state]} ${text}`).join('\n')
