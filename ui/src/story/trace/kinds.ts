/** What kinds of spans there are, as people read them: a word, a sign, and what it means. Colours are in trace.css. */
import type { Spender } from './spent.ts'
import type { Kind } from './waterfall.ts'

export type KindWords = { word: string; sign: string; about: string }

export const kindWords: Readonly<Record<Kind, KindWords>> = {
  story: { word: 'Story', sign: '▣', about: 'from its submission to its end' },
  stage: { word: 'Stage', sign: '▤', about: 'one stage or round' },
  request: { word: 'Request', sign: '→', about: 'what one role or seat was asked, until it answered' },
  attempt: { word: 'Attempt', sign: '↻', about: 'one process at work on a request' },
  wait: { word: 'Queue', sign: '…', about: 'waiting for a replica, a slot or a turn' },
  model: { word: 'Model', sign: '✦', about: 'a call of the model' },
  tool: { word: 'Tool', sign: '⚙', about: 'a tool of the agent' },
  check: { word: 'Check', sign: '✓', about: 'a command of the project: its set-up and its checks' },
  person: { word: 'Person', sign: '☺', about: 'waiting for you' },
  event: { word: 'Event', sign: '◆', about: 'something said on the bus' },
}

/** Those that a reader may leave out. */
export const optional: readonly Kind[] = ['attempt', 'wait', 'model', 'tool', 'check', 'person', 'event']

export const spenderWords: Readonly<Record<Spender, string>> = {
  model: 'Model',
  tool: 'Tools',
  check: 'Checks',
  person: 'Person',
  wait: 'Queue',
  other: 'All else',
}
