/** `sluice story new`: hands in a story from words, a file or stdin, and follows it if asked to. */
import { readFile } from 'node:fs/promises'
import { text as readAll } from 'node:stream/consumers'
import { Refusal } from '@sluice/kit/errors.ts'
import { type Card, Submitted } from '@sluice/proto/rest.ts'
import { houseOptions, readArgs, readUsd } from '../args.ts'
import { putFiles } from '../attach-files.ts'
import { choiceOptions, choicesIn, choiceUsage } from '../choice-args.ts'
import { eventLine } from '../event-line.ts'
import { followStories } from '../follow.ts'
import { forecastLine, readForecast } from '../forecast-line.ts'
import { lineOptions, linesIn, lineUsage } from '../line-args.ts'
import { Misuse } from '../misuse.ts'
import { needsOf, nextFor } from '../next.ts'
import { openRest } from '../opened.ts'
import type { Rest } from '../rest.ts'
import { plain, print, printJson, say } from '../terminal.ts'
import type { Verb } from '../verb.ts'

const usage = `sluice story new [TEXT | - | --file FILE] [--title TITLE] [--budget USD] ${lineUsage} [--attach FILE]… ${choiceUsage} [--auto] [--wait] [--json] [--demo | --work]`
const text = { type: 'string' } as const
const flag = { type: 'boolean' } as const
const attach = { type: 'string', multiple: true } as const
const MOST_BYTES = 64 * 1024

export const storyNew: Verb = {
  name: 'story new',
  summary:
    'Hands in a story: TEXT, `-` for stdin, or --file. --engine, --model and --effort hold for all its roles, --role for one. --auto approves its gates, --wait follows it.',
  usage,
  async run(args) {
    const options = {
      ...houseOptions,
      file: text,
      title: text,
      budget: text,
      ...lineOptions,
      ...choiceOptions,
      attach,
      auto: flag,
      wait: flag,
    }
    const { values, positionals } = readArgs(args, { usage, options, rest: true })
    const asked = checked(await textOf(positionals, values.file))
    const { title, auto, budget } = values
    const limits = linesIn(values, usage)
    const story = {
      text: asked,
      ...(title && { title }),
      ...(auto && { auto }),
      ...(budget && { budgetUsd: readUsd(budget, usage) }),
      ...(limits && { limits }),
      ...choicesIn(values, usage),
    }
    const { rest } = await openRest(values)
    const attachments = await putFiles(rest, values.attach ?? [])
    const body = { ...story, ...(attachments.length > 0 && { attachments }) }
    const { id } = await rest.post('/api/stories', body, Submitted)

    if (values.wait) return await waited(rest, id, values.json === true)
    const forecast = await readForecast(rest)
    if (values.json) return printJson({ id, forecast })
    const likely = forecast ? `\n${forecastLine(forecast)}` : ''
    return print(`Story ${id} is on its way. Follow it with \`sluice story show ${id}\`.${likely}`)
  },
}

async function textOf(words: string[], file: string | undefined): Promise<string> {
  if (file !== undefined) {
    if (words.length > 0) throw new Misuse(`A story comes from TEXT or from --file, not from both. Usage: ${usage}`)
    return await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
      throw new Refusal(
        `${file} cannot be read (${cause.code ?? cause.message}).`,
        'Name a file that holds the story as text.',
        { cause },
      )
    })
  }
  if (words.length === 0) throw new Misuse(`The story's text is missing. Usage: ${usage}`)
  return words.length === 1 && words[0] === '-' ? await readAll(process.stdin) : words.join(' ')
}

function checked(text: string): string {
  const trimmed = text.trim()
  if (trimmed === '') throw new Refusal('The story is empty.', 'Say in a sentence what you want.')
  const bytes = Buffer.byteLength(trimmed)
  if (bytes <= MOST_BYTES) return trimmed
  throw new Refusal(
    `The story has ${Math.ceil(bytes / 1024)} kB, more than the ${MOST_BYTES / 1024} kB that are read.`,
    'Say what you want in fewer words and name files of the repository for the rest.',
  )
}

/** 0 once it has shipped; 1 when it was cancelled or only a person can set it going again. */
async function waited(rest: Rest, id: string, json: boolean): Promise<number> {
  const followed = await followStories(rest, [id], { onEvent: ({ event }) => (json ? say : print)(eventLine(event)) })
  const { story } = followed.get(id) ?? {}
  if (!story) throw new Error(`Story ${id} was not followed.`)
  const waits = needsOf(story).map((wait) => plain(wait.text))
  const result = { id, status: story.status, commit: story.shipped?.commit ?? null, waitingFor: waits }
  if (json) printJson(result satisfies Pick<Card, 'id' | 'status' | 'commit'> & { waitingFor: string[] })
  if (waits.length > 0) say(`Story ${id} waits for you: ${waits.join(' ')}\nNext: ${nextFor(story).join('\n      ')}`)
  return story.status === 'shipped' ? 0 : 1
}
