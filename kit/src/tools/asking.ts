/** Tools that ask others: `ask` the person, `memory_search` what was shipped before. */
import type { QuestionAnswer } from '@sluice/proto/parts.ts'
import { z } from 'zod'
import { type AnyTool, defineTool, type ToolResult } from '../agent.ts'
import { Pause } from '../errors.ts'
import { recalledTexts } from '../remembered.ts'
import type { Memory } from '../role.ts'

/** Parks the run: the story asks the person, and the run is asked for again with the answers, which this call then gives. */
export const askTool = (answers: readonly QuestionAnswer[] = []): AnyTool =>
  defineTool({
    name: 'ask',
    description:
      'Asks the person, and stops the work until they have answered. Only for what nobody but them can decide; all questions at once.',
    input: z.object({
      questions: z
        .array(z.object({ text: z.string().min(1), choices: z.array(z.string().min(1)).optional() }))
        .min(1)
        .max(5),
    }),
    readOnly: false,
    repeatable: true,
    title: ({ questions }) => `ask: ${questions.map((q) => q.text).join(' ')}`.slice(0, 200),
    run({ questions }) {
      const given = questions.flatMap(({ text }) => answers.findLast((one) => one.text === text) ?? [])
      if (given.length === questions.length) return Promise.resolve(answerOf(given))
      const named = questions.map(({ text, choices }, i) => ({
        id: `Q${i + 1}`,
        text,
        ...(choices ? { choices } : {}),
      }))
      return Promise.reject(new Pause({ kind: 'questions', questions: named }))
    },
  })

const answerOf = (given: readonly QuestionAnswer[]): ToolResult => ({
  ok: true,
  content: [{ type: 'text', text: given.map(({ text, answer }) => `${text}\n${answer}`).join('\n\n') }],
})

export const memorySearchTool = (memory: Memory): AnyTool =>
  defineTool({
    name: 'memory_search',
    description:
      'Searches what was done in this project before, by stories and by commits: what was asked, what was changed, which files to look at.',
    input: z.object({ query: z.string().min(1), limit: z.int().positive().max(20).optional() }),
    readOnly: true,
    title: ({ query }) => `memory: ${query}`,
    async run({ query, limit = 5 }) {
      const recalled = await memory.search(query, { limit })
      const text = recalledTexts(recalled).join('\n\n')
      return { ok: true, content: [{ type: 'text', text: text || 'Nothing that was done before is like that.' }] }
    },
  })
