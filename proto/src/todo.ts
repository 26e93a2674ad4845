/** The list an agent keeps of its work, as a note of its run. */
import { z } from 'zod'

export const TodoItem = z.object({ text: z.string().min(1).max(300), state: z.enum(['open', 'doing', 'done']) })
export type TodoItem = z.infer<typeof TodoItem>

/** `text` says the same in lines, for who shows only text. */
export const TodoNote = z.object({ type: z.literal('todo'), text: z.string(), items: z.array(TodoItem).max(50) })
export type TodoNote = z.infer<typeof TodoNote>
