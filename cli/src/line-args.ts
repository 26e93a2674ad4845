/** The lines of a budget, as they are typed: `--soft`, `--day`, `--tokens`, `--for NAME=USD` for a role or a stage. */
import type { Limits } from '@sluice/proto/parts.ts'
import { pipeline } from '@sluice/proto/pipeline.ts'
import { readUsd } from './args.ts'
import { Misuse } from './misuse.ts'

const text = { type: 'string' } as const

export const lineOptions = { soft: text, day: text, tokens: text, for: { ...text, multiple: true } } as const
export const lineUsage = '[--soft USD] [--day USD] [--tokens N] [--for ROLE-OR-STAGE=USD]…'

type Values = {
  soft?: string | undefined
  day?: string | undefined
  tokens?: string | undefined
  for?: string[] | undefined
}

/** Undefined where none was typed. */
export function linesIn({ soft, day, tokens, for: named = [] }: Values, usage: string): Limits | undefined {
  const pairs = named.map((one) => pairIn(one, usage))
  const isStage = ([name]: [string, number]) => pipeline.some(({ stage }) => stage === name)
  const [stages, roles] = [pairs.filter(isStage), pairs.filter((pair) => !isStage(pair))]
  const lines: Limits = {
    ...(soft !== undefined && { softUsd: readUsd(soft, usage) }),
    ...(day !== undefined && { dayUsd: readUsd(day, usage) }),
    ...(tokens !== undefined && { tokens: countIn(tokens, usage) }),
    ...(roles.length > 0 && { roles: Object.fromEntries(roles) }),
    ...(stages.length > 0 && { stages: Object.fromEntries(stages) }),
  }
  return Object.keys(lines).length > 0 ? lines : undefined
}

function pairIn(typed: string, usage: string): [string, number] {
  const [, name, amount] = /^([\w-]+)=(.+)$/.exec(typed) ?? []
  if (!name || !amount) throw new Misuse(`--for ${typed} does not read as ROLE-OR-STAGE=USD. Usage: ${usage}`)
  return [name, readUsd(amount, usage)]
}

/** `2M`, `500k` or plain. */
function countIn(typed: string, usage: string): number {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)([kM]?)$/.exec(typed) ?? []
  const count = Math.round(Number(digits) * ({ k: 1e3, M: 1e6 }[unit] ?? 1))
  if (Number.isFinite(count) && count > 0) return count
  throw new Misuse(`${typed} is no number of tokens such as 500k or 2M. Usage: ${usage}`)
}
