/** What a story works with, as it is typed: `--engine`, `--model`, `--effort` for all roles, `--role NAME:model=…,effort=…` for one. */
import { Choice, type Choices, Effort } from '@sluice/proto/parts.ts'
import { Misuse } from './misuse.ts'

const text = { type: 'string' } as const

export const choiceOptions = { engine: text, model: text, effort: text, role: { ...text, multiple: true } } as const
export const choiceUsage = '[--engine NAME] [--model ID] [--effort LEVEL] [--role ROLE:engine=…,model=…,effort=…]…'

type Values = {
  engine?: string | undefined
  model?: string | undefined
  effort?: string | undefined
  role?: string[] | undefined
}

/** Which engines, models and roles there are the house knows; it refuses by name what it has not. */
export function choicesIn({ role = [], ...all }: Values, usage: string): { choice?: Choice; choices?: Choices } {
  const choice = choiceOf({ engine: all.engine, model: all.model, effort: all.effort }, usage)
  const single = role.map((one) => roleChoice(one, usage))
  const twice = single.find(([name], i) => single.findIndex(([other]) => other === name) !== i)
  if (twice) throw new Misuse(`--role names ${twice[0]} twice. Usage: ${usage}`)
  return {
    ...(Object.keys(choice).length > 0 && { choice }),
    ...(single.length > 0 && { choices: Object.fromEntries(single) }),
  }
}

function roleChoice(typed: string, usage: string): [string, Choice] {
  const [, name = '', wishes = ''] = /^([^:=,]+):(.+)$/.exec(typed) ?? []
  const pairs = wishes.split(',').map((pair) => pair.split(/=(.*)/s, 2))
  const strange = pairs.find(([key = '', value]) => !Object.hasOwn(Choice.shape, key) || !value)
  if (!name || strange)
    throw new Misuse(`--role ${typed} does not read as ROLE:engine=…,model=…,effort=…. Usage: ${usage}`)
  return [name, choiceOf(Object.fromEntries(pairs), usage)]
}

function choiceOf(given: Record<string, string | undefined>, usage: string): Choice {
  const said = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const read = Choice.safeParse(said)
  if (read.success) return read.data
  const wrong = read.error.issues[0]?.path[0]
  if (wrong === 'effort')
    throw new Misuse(`${said.effort} is no effort: there are ${Effort.options.join(', ')}. Usage: ${usage}`)
  throw new Misuse(`--${String(wrong)} cannot be ${JSON.stringify(said[String(wrong)])}. Usage: ${usage}`)
}
