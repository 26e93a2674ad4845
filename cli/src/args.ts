/** What stands after a verb: options as it names them, and its words, each refused by name when it does not fit. */
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { Misuse } from './misuse.ts'

/** On every verb that asks a running Sluice. */
export const houseOptions = {
  json: { type: 'boolean' },
  demo: { type: 'boolean' },
  work: { type: 'boolean' },
} as const satisfies ParseArgsOptionsConfig

export type HouseOptions = { json?: boolean | undefined; demo?: boolean | undefined; work?: boolean | undefined }

type Parsed<O extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ args: string[]; options: O; allowPositionals: true; strict: true }>
>

/** `words` names what must follow, in order; `rest` allows any number more. */
export function readArgs<const O extends ParseArgsOptionsConfig>(
  args: string[],
  {
    usage,
    options,
    words = [],
    rest = false,
  }: { usage: string; options: O; words?: readonly string[]; rest?: boolean },
): Parsed<O> {
  const parsed = parseOrRefuse(args, options, usage)
  const given = parsed.positionals
  const missing = words[given.length]
  if (missing) throw new Misuse(`${missing} is missing. Usage: ${usage}`)
  const tooMuch = given[words.length]
  if (tooMuch !== undefined && !rest) throw new Misuse(`Nothing is known of \`${tooMuch}\` here. Usage: ${usage}`)
  return parsed
}

function parseOrRefuse<O extends ParseArgsOptionsConfig>(args: string[], options: O, usage: string): Parsed<O> {
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true })
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    // Node adds a hint about `--` to its sentence, which nobody needs here.
    throw new Misuse(`${error.message.split('. ')[0]}. Usage: ${usage}`, { cause: error })
  }
}

/** An amount of US dollars, above zero. */
export function readUsd(text: string, usage: string): number {
  const amount = Number(text.replace(/^\$/, ''))
  if (text.trim() !== '' && Number.isFinite(amount) && amount > 0) return amount
  throw new Misuse(`${text} is no amount of US dollars above zero. Usage: ${usage}`)
}
