/** The implementer, played: reads what it changes, types the edits of its round, runs the project's checks, says what came of it. */
import { tool } from '@sluice/kit/testing/messages-script.ts'
import type { Edit } from '../edits.ts'
import { filesBefore } from '../stories.ts'
import { type Asked, ended, memorySentence } from './asked.ts'
import { aboutFix, summaryOf } from './handed-in.ts'
import { checksIn, findingsIn, newBaseIn, roundOf } from './round.ts'
import { type Play, say, submit } from './saying.ts'
import { callOf, typedSoFar, unread } from './typing.ts'

type Step = { name: string; edits: Edit[] }

export const implementer: Play = (asked) => {
  const steps = stepsOf(asked)
  const edits = steps.flatMap((step) => step.edits)
  const opening = asked.calls.length === 0 ? memorySentence(asked) : undefined

  const toRead = [...unread(asked, edits), ...conflictsUnread(asked, edits)]
  if (toRead.length > 0)
    return say(words('I read before I change.', opening), ...toRead.map((path) => tool('read', { path })))

  for (const step of steps) {
    const owed = step.edits.filter((edit) => typedSoFar(asked, edit).state === 'owed')
    if (owed.length > 0) return say(words(`${step.name}.`, opening), ...owed.map(callOf))
  }
  for (const { name, command } of checksIn(asked)) {
    const ran = ended(asked, 'shell').some(({ input }) => (input as { command?: string }).command === command)
    if (!ran)
      return say(words(`The project’s check “${name}”.`, opening), tool('shell', { command, timeoutSeconds: 300 }))
  }
  const typed = edits.map((edit) => typedSoFar(asked, edit))
  return submit(asked, 'That is what I have for this round.', { summary: summaryOf(asked, typed) })
}

/** The whole solution in the first round; later only what mends a finding, lest a file that was mended be typed anew. */
function stepsOf(asked: Asked): Step[] {
  const { solution, fix } = asked.story
  if (roundOf(asked) === 1) return solution.map(({ name, edits }) => ({ name: titleOf(name), edits }))
  const wanted = fix && findingsIn(asked).some((finding) => aboutFix(finding, fix))
  return wanted ? [{ name: 'What was found is mended', edits: fix }] : []
}

/** `1-search` is the step `Search`. */
function titleOf(name: string): string {
  const bare = name.replace(/^\d+-/, '').replaceAll('-', ' ')
  return bare.charAt(0).toUpperCase() + bare.slice(1)
}

/** Files with conflict marks are looked at, though there is no script for them. */
function conflictsUnread(asked: Asked, edits: readonly Edit[]): string[] {
  const seen = new Set([
    ...filesBefore(edits),
    ...ended(asked, 'read').map(({ input }) => (input as { path?: string }).path),
  ])
  return (newBaseIn(asked)?.conflicts ?? []).filter((path) => !seen.has(path))
}

const words = (...sentences: (string | undefined)[]): string => sentences.filter(Boolean).reverse().join(' ')
