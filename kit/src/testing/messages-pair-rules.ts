/** The API's rules for calls of tools and their results: each call is answered once, at once, and first. */
import { type MessagesRequest, type Turn, turnsOf } from './messages-wire.ts'

export function toolPairs({ messages }: MessagesRequest) {
  const turns = turnsOf(messages)
  const seen = new Set<string>()
  for (const [i, turn] of turns.entries()) {
    const broken = turn.role === 'assistant' ? unanswered(turn, turns[i + 1], i, seen) : unasked(turn, turns[i - 1], i)
    if (broken) return broken
  }
  return undefined
}

function unanswered(turn: Turn, next: Turn | undefined, i: number, seen: Set<string>): string | undefined {
  const asked = turn.blocks.filter((block) => block.type === 'tool_use').map(({ id }) => id)
  for (const id of asked) {
    if (seen.has(id)) return `messages.${i}: \`tool_use\` ids must be unique`
    seen.add(id)
  }
  const answers = answersIn(next)
  const owed = asked.filter((id) => !answers.includes(id))
  if (owed.length === 0) return undefined
  return `messages.${i}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${owed.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`
}

function unasked(turn: Turn, before: Turn | undefined, i: number): string | undefined {
  const asked = (before?.blocks ?? []).filter((block) => block.type === 'tool_use').map(({ id }) => id)
  const answers = answersIn(turn)
  const stray = answers.find((id) => !asked.includes(id))
  if (stray)
    return `messages.${i}.content: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${stray}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`
  if (new Set(answers).size < answers.length)
    return `messages.${i}.content: each tool_use must have a single result. Found multiple \`tool_result\` blocks with one id.`
  const afterText = turn.blocks.slice(answers.length).some((block) => block.type === 'tool_result')
  return afterText
    ? `messages.${i}.content: \`tool_result\` blocks must come first in the turn that answers a \`tool_use\``
    : undefined
}

const answersIn = (turn: Turn | undefined): string[] =>
  turn?.role === 'user'
    ? turn.blocks.filter((block) => block.type === 'tool_result').map((block) => block.tool_use_id)
    : []
