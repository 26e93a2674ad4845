/** What an agent says of its work as notes of the run: messages whole, each call begun and ended once, its plan as a list. */
import type { SessionUpdate, ToolCallUpdate, ToolKind } from '@agentclientprotocol/sdk'
import type { TodoItem, TodoNote } from '@sluice/proto/todo.ts'
import { z } from 'zod'
import type { WantedCall } from '../../permits.ts'
import type { ToldCalls } from '../../told-calls.ts'

const LONGEST_TEXT = 20_000
const LONGEST_TITLE = 200

export type Updates = {
  on(update: SessionUpdate): void
  /** What a question is about (agents differ in what they tell first), with all that was said of the call before; null for a tool of the host, which decides for itself. */
  wanted(update: ToolCallUpdate): WantedCall | null
  /** Not allowed: some say nothing of how such a call ends. */
  refused(id: string): void
  /** The turn is over: what is still open has ended, and nobody saw how. */
  settle(): void
  /** Titles of the calls that ended since this was last asked. */
  titles(): string[]
}

type Call = {
  id: string
  tool: string
  title: string
  input: unknown
  kind: WantedCall['kind']
  since: number
  state: 'named' | 'begun' | 'ended'
}

export type Noting = {
  calls: ToldCalls
  note(data: object): Promise<void>
  /** Its own tools are told of by the host itself. */
  isHosted(name: string): boolean
  /** A note could not be written. */
  failed(error: unknown): void
}

export function openUpdates({ calls, note, isHosted, failed }: Noting): Updates {
  const known = new Map<string, Call>()
  let message: { key: string; type: 'text' | 'thinking'; text: string } | null = null
  let titles: string[] = []
  const write = (writing: Promise<unknown>): void => void writing.catch(failed)

  function flush(): void {
    const said = message
    message = null
    if (said?.text.trim()) write(note({ type: said.type, text: said.text.trim().slice(0, LONGEST_TEXT) }))
  }

  function chunk(type: 'text' | 'thinking', id: string | null | undefined, text: string): void {
    const key = `${type} ${id ?? ''}`
    if (message?.key !== key) flush()
    message ??= { key, type, text: '' }
    message.text += text
  }

  function call(update: ToolCallUpdate): void {
    flush()
    const one = known.get(update.toolCallId) ?? firstSeen(update)
    known.set(one.id, one)
    one.title = titleOf(one, update)
    if (update.kind) one.kind = KINDS[update.kind] ?? 'other'
    if (one.state === 'ended' || isHosted(one.tool) || isHosted(one.title)) return
    if (isFilled(update.rawInput)) one.input = update.rawInput
    const ends = update.status === 'completed' || update.status === 'failed'
    // Some announce a call before its input is there: what it is about is told once that is known.
    if (one.state === 'named' && (isFilled(one.input) || update.status === 'in_progress' || ends)) {
      one.state = 'begun'
      write(calls.begin(one))
    }
    if (ends) end(one, update.status === 'completed')
  }

  function end(one: Call, ok: boolean): void {
    one.state = 'ended'
    titles.push(one.title)
    write(calls.end(one, { ok, ms: Math.round(performance.now() - one.since) }))
  }

  return {
    wanted(update) {
      call(update)
      const { tool, title, kind, input } = known.get(update.toolCallId) ?? firstSeen(update)
      if (isHosted(tool) || isHosted(title)) return null
      return { tool, title, kind, input: isFilled(input) ? input : title }
    },
    refused(id) {
      const one = known.get(id)
      if (one?.state === 'begun') end(one, false)
    },
    on(update) {
      switch (update.sessionUpdate) {
        case 'agent_message_chunk':
          if (update.content.type === 'text') chunk('text', update.messageId, update.content.text)
          break
        case 'agent_thought_chunk':
          if (update.content.type === 'text') chunk('thinking', update.messageId, update.content.text)
          break
        case 'tool_call':
        case 'tool_call_update':
          call(update)
          break
        case 'plan':
          write(note(todoOf(update.entries)))
          break
        case 'compaction_update':
          write(note({ type: 'text', text: 'The agent has shortened its conversation.' }))
          break
      }
    },
    settle() {
      flush()
      for (const one of known.values()) if (one.state === 'begun') end(one, false)
    },
    titles() {
      const since = titles
      titles = []
      return since
    },
  }
}

const firstSeen = ({ toolCallId, name, title, kind, _meta }: ToolCallUpdate): Call => {
  const tool = name ?? claudeName(_meta) ?? (title && !title.includes(' ') ? title : (kind ?? title ?? 'tool'))
  return {
    id: toolCallId,
    tool,
    title: title ?? tool,
    input: null,
    kind: 'other',
    since: performance.now(),
    state: 'named',
  }
}

/** What only thinks changes as little as what only reads. */
const KINDS: Partial<Record<ToolKind, WantedCall['kind']>> = {
  ...{ read: 'read', search: 'read', think: 'read' },
  ...{ edit: 'edit', delete: 'edit', move: 'edit', execute: 'execute' },
}

/** Claude's own name of a tool stands beside the title. */
const claudeName = (meta: ToolCallUpdate['_meta']): string | undefined => {
  const { claudeCode } = (meta ?? {}) as { claudeCode?: { toolName?: unknown } }
  return typeof claudeCode?.toolName === 'string' ? claudeCode.toolName : undefined
}

const About = z.object({ command: z.string(), filePath: z.string(), file_path: z.string(), path: z.string() }).partial()

/** What it calls it where that says more than its name, else what it is about: `bash npm test`, `read src/app.ts`. */
function titleOf({ tool, title }: Call, update: ToolCallUpdate): string {
  const input = About.safeParse(update.rawInput).data ?? {}
  const about = input.command ?? input.filePath ?? input.file_path ?? input.path
  const named = update.title && update.title !== tool ? update.title : about
  if (!named) return title
  return (named.toLowerCase().startsWith(tool.toLowerCase()) ? named : `${tool} ${named}`).slice(0, LONGEST_TITLE)
}

const isFilled = (input: unknown): boolean =>
  typeof input === 'object' && input !== null && Object.keys(input).length > 0

const states = { pending: 'open', in_progress: 'doing', completed: 'done' } as const
const marks = { open: '☐', doing: '▸', done: '☑' }

function todoOf(entries: readonly { content: string; status: keyof typeof states }[]): TodoNote {
  const items = entries
    .slice(0, 50)
    .map(({ content, status }): TodoItem => ({ text: content.slice(0, 300) || '…', state: states[status] ?? 'open' }))
  return { type: 'todo', text: items.map(({ text, state }) => `${marks[state]} ${text}`).join('\n'), items }
}
