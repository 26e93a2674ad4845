/** `sluice story answer`: answers what a role asked, from options or at the terminal. */
import { createInterface } from 'node:readline/promises'
import { Refusal } from '@sluice/kit/errors.ts'
import type { Question } from '@sluice/proto/parts.ts'
import { stepsOf } from '@sluice/proto/story/steps.ts'
import type { Story } from '@sluice/proto/story.ts'
import { houseOptions, readArgs } from '../args.ts'
import { aboutStory, report, sendCommand } from '../command.ts'
import { Misuse } from '../misuse.ts'
import { readStory } from '../stories.ts'
import { plain } from '../terminal.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice story answer ID [--answer Q1=TEXT …] [--json] [--demo | --work]'

export const storyAnswer: Verb = {
  name: 'story answer',
  summary: 'Answers the questions a story waits for; asks for them at a terminal.',
  usage,
  async run(args) {
    const options = { ...houseOptions, answer: { type: 'string', multiple: true } } as const
    const { values, positionals } = readArgs(args, { usage, options, words: ['ID'] })
    const given = new Map((values.answer ?? []).map(idAndText))
    const about = await aboutStory(positionals[0] ?? '', values)
    const asked = askedIn((await readStory(about.rest, about.card.id)).story)
    if (asked.length === 0) {
      const { id } = about.card
      throw new Refusal(`Story ${id} asks nothing.`, `\`sluice story show ${id}\` says what it waits for.`)
    }
    refuseUnasked(
      given,
      asked.flatMap(({ questions }) => questions),
    )

    const answers = await complete(
      given,
      asked.flatMap(({ questions }) => questions),
    )
    const events = []
    for (const { request, questions } of asked) {
      const body = questions.map(({ id, text }) => ({ id, text, answer: answers.get(id) }))
      events.push(await sendCommand(about, 'answer', { request, answers: body }))
    }
    return report(about, values, { events, text: `Answered ${answers.size} of ${about.card.id}: it goes on.` })
  },
}

function idAndText(answer: string): [string, string] {
  const at = answer.indexOf('=')
  if (at < 1 || answer.slice(at + 1).trim() === '')
    throw new Misuse(
      `--answer is a question's id and a text: \`--answer Q1="Thirty days"\`, not ${answer}. Usage: ${usage}`,
    )
  return [answer.slice(0, at), answer.slice(at + 1).trim()]
}

/** Every run that is parked with questions. */
const askedIn = (story: Story): { request: string; questions: Question[] }[] =>
  stepsOf(story).flatMap(({ step }) =>
    step.at === 'paused' && step.waiting.kind === 'questions'
      ? [{ request: step.request, questions: step.waiting.questions }]
      : [],
  )

function refuseUnasked(given: ReadonlyMap<string, string>, questions: readonly Question[]): void {
  const unasked = [...given.keys()].find((id) => !questions.some((question) => question.id === id))
  if (unasked) throw new Refusal(`Nobody asked ${unasked}.`, `Open questions: ${listed(questions)}`)
}

async function complete(
  given: ReadonlyMap<string, string>,
  questions: readonly Question[],
): Promise<Map<string, string>> {
  const missing = questions.filter(({ id }) => !given.has(id))
  const answers = new Map(given)
  if (missing.length === 0) return answers
  if (!process.stdin.isTTY)
    throw new Refusal(`Still to answer: ${listed(missing)}`, `Give each as --answer ${missing[0]?.id}=TEXT.`)
  // Questions go to stderr: stdout is what `--json` prints.
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    for (const question of missing) answers.set(question.id, await askOne(terminal, question))
  } finally {
    terminal.close()
  }
  return answers
}

async function askOne(
  terminal: { question(text: string): Promise<string> },
  { text, choices = [] }: Question,
): Promise<string> {
  const offered = choices.map((choice, i) => `\n  ${i + 1}. ${plain(choice)}`).join('')
  for (;;) {
    const typed = (await terminal.question(`${plain(text)}${offered}\n> `)).trim()
    if (typed) return choices[Number(typed) - 1] ?? typed
  }
}

const listed = (questions: readonly Question[]): string =>
  questions.map(({ id, text }) => `${id} ${plain(text)}`).join(' · ')
