/** Edits as an implementer types them: which are owed still, by what the conversation has seen of the files. */
import { type Spoken, type ToolOutcome, tool } from '@sluice/kit/testing/messages-script.ts'
import type { Edit } from '../edits.ts'
import { filesBefore } from '../stories.ts'
import { type Asked, wasInterrupted } from './asked.ts'

/** `there`: the file held it before anything was typed, as an earlier attempt left it. */
export type Typed = { edit: Edit; state: 'owed' | 'there' | 'typed' } | { edit: Edit; state: 'failed'; why: string }

export const callOf = (edit: Edit): Spoken =>
  edit.old === undefined
    ? tool('write', { path: edit.path, content: edit.new })
    : tool('edit', { path: edit.path, old: edit.old, new: edit.new })

/** Files that must be read before these edits: never read, or left in an unknown state by a call that was interrupted. */
export const unread = ({ calls }: Pick<Asked, 'calls'>, edits: readonly Edit[]): string[] =>
  filesBefore(edits).filter((path) => {
    const about = calls.filter((call) => pathOf(call) === path)
    const lastRead = about.findLastIndex((call) => call.name === 'read' && !wasInterrupted(call))
    return lastRead < 0 || about.slice(lastRead).some((call) => call.name === 'edit' && wasInterrupted(call))
  })

export function typedSoFar({ calls }: Pick<Asked, 'calls'>, edit: Edit): Typed {
  const mine = calls.findLast((call) => isCallOf(call, edit) && !wasInterrupted(call))
  if (mine?.isError) return { edit, state: 'failed', why: mine.result?.split('\n')[0] ?? 'no reason was given' }
  if (mine) return { edit, state: 'typed' }
  const text = textRead(calls, edit.path)
  return { edit, state: text !== undefined && holds(text, edit) ? 'there' : 'owed' }
}

function isCallOf({ name, input }: ToolOutcome, edit: Edit): boolean {
  const typed = input as Record<string, unknown>
  if (typed.path !== edit.path) return false
  return edit.old === undefined
    ? name === 'write' && typed.content === edit.new
    : name === 'edit' && typed.old === edit.old && typed.new === edit.new
}

/** An edit that adds to what it replaces is seen by what it leaves; any other also by what is gone. */
function holds(text: string, { old, new: fresh }: Edit): boolean {
  if (old === undefined) return text === fresh
  return text.includes(fresh) && (fresh.includes(old) || !text.includes(old))
}

/** The file as it was last read, its line numbers taken off. */
function textRead(calls: readonly ToolOutcome[], path: string): string | undefined {
  const read = calls.findLast((call) => call.name === 'read' && pathOf(call) === path && !call.isError)
  return read?.result?.replace(/^ *\d+\t/gm, '').concat('\n')
}

const pathOf = ({ input }: ToolOutcome): unknown => (input as { path?: unknown }).path
