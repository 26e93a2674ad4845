/** What the hooks and the transcript tell, as the journal says it: calls, words, turns. */
import { z } from 'zod'
import type { AgentTask } from '../../agent.ts'
import { HOST_TOOLS_NAME } from '../../host-tools.ts'
import { type Prices, priceOf, usageOf } from '../../prices.ts'
import type { Run, UsageEntry } from '../../run.ts'
import type { ToldCalls } from '../../told-calls.ts'
import { countedIn } from '../watch-model.ts'
import type { ToldCall } from './hook.ts'
import { titleOf } from './titles.ts'
import { openTranscript } from './transcript.ts'

const LONGEST_TEXT = 20_000

export type Telling = {
  began(call: ToldCall): Promise<void>
  ended(call: ToldCall, how: { ok: boolean }): Promise<void>
  /** Of a tool of the host, which tells of itself. */
  hosted(title: string): void
  /** All calls of a message have ended. */
  turn(): Promise<void>
  /** What the transcript has beyond what was told. */
  read(file: string): Promise<void>
  turns(): number
  /** The last words that were read. */
  said(): string | undefined
}

export type TellingOptions = {
  run: Run
  number: number
  task: AgentTask
  cwd: string
  calls: ToldCalls
  /** Resolves once every call that this process saw pass is in the journal. */
  watched(): Promise<void>
  prices?: Prices
}

/** Our own tools are journaled where they run. */
export const isHosted = (tool: string): boolean => tool.startsWith(`mcp__${HOST_TOOLS_NAME}__`)

const Turn = z.object({ type: z.literal('turn'), hosted: z.number() })
const Words = z.object({ line: z.string() })

export function openTelling({ run, number, task, cwd, calls, watched, prices }: TellingOptions): Telling {
  const before = [...run.earlier, ...run.entries()]
  const transcript = openTranscript()
  // What an earlier attempt has told, it has told: a conversation that goes on is read again from its beginning.
  const told = new Set(before.flatMap(({ data }) => Words.safeParse(data).data?.line ?? []))
  let caughtUp = false
  let last: string | undefined
  let turns = before.filter(({ data }) => Turn.safeParse(data).data?.hosted === number).length
  let titles: string[] = []

  const described = ({ tool_use_id: id, tool_name: tool, tool_input }: ToldCall) => ({
    ...{ id, tool, title: titleOf(tool, tool_input, cwd) },
  })

  return {
    turns: () => turns,
    said: () => last,
    hosted: (title) => void titles.push(title),
    async began(call) {
      if (!isHosted(call.tool_name)) await calls.begin(described(call))
    },
    async ended(call, how) {
      if (isHosted(call.tool_name)) return
      const one = described(call)
      titles.push(one.title)
      const { duration_ms: ms } = call
      await calls.end(one, { ...how, ...(ms === undefined ? {} : { ms }) })
    },
    async turn() {
      const [mine, next] = [titles, turns + 1]
      titles = []
      if (mine.length === 0) return
      turns = next
      await task.onTurn?.({ number: next, titles: mine })
      await run.append('note', { type: 'turn', hosted: number, number: next })
    },
    async read(file) {
      const lines = transcript.news(file)
      const first = !caughtUp
      caughtUp = true
      // A call of this attempt stands in the transcript as soon as in the journal: it is no call that nobody counted.
      if (first) await watched()
      const counted = first ? countedIn(run) : null
      for (const { uuid, messageId, model, usage, ...words } of lines) {
        // Counted by nobody: the process that saw it pass was killed before it could write.
        if (counted && usage && !counted.has(messageId)) {
          counted.add(messageId)
          const entry: UsageEntry = { usage: usageOf(usage, priceOf(model, prices)), model }
          await run.append('usage', { ...entry, hosted: number, message: messageId })
        }
        last = words.text.at(-1) ?? last
        if (told.has(uuid)) continue
        told.add(uuid)
        const say = (type: 'text' | 'thinking', text: string) =>
          run.append('note', { type, text: text.slice(0, LONGEST_TEXT), line: uuid })
        for (const text of words.thinking) await say('thinking', text)
        for (const text of words.text) await say('text', text)
      }
    },
  }
}
