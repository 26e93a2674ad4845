/** `sluice story approve`: shows what is on the table and approves exactly that, named by its digest. */
import { Refusal } from '@sluice/kit/errors.ts'
import { titleOf } from '@sluice/proto/card.ts'
import { blockingFindings } from '@sluice/proto/story/review.ts'
import type { Gate, Story } from '@sluice/proto/story.ts'
import { houseOptions, readArgs } from '../args.ts'
import { type About, aboutStory, report, sendCommand } from '../command.ts'
import { documentsAt, textsAt } from '../gate-documents.ts'
import { changedLines, criteriaLines, findingLines, section, verdictLines } from '../standing.ts'
import { readStory } from '../stories.ts'
import { plain, print } from '../terminal.ts'
import type { Verb } from '../verb.ts'

const usage =
  'sluice story approve ID [--gate GATE] [--digest DIGEST] [--comment TEXT] [--dismiss REASON] [--json] [--demo | --work]'
const text = { type: 'string' } as const

export const storyApprove: Verb = {
  name: 'story approve',
  summary: 'Shows what stands at the open gate and approves it; `--dismiss` overrules findings, with a reason.',
  usage,
  async run(args) {
    const options = { ...houseOptions, gate: text, digest: text, comment: text, dismiss: text }
    const { values, positionals } = readArgs(args, { usage, options, words: ['ID'] })
    const about = await aboutStory(positionals[0] ?? '', values)
    const { story } = await readStory(about.rest, about.card.id)
    const gate = gateOf(story, values)
    if (!values.dismiss) refuseOverFindings(story)

    if (!values.json) print(await shown(story, gate, about))
    const { comment, dismiss } = values
    const body = { gate: gate.gate, digest: gate.digest, ...(comment && { comment }), ...(dismiss && { dismiss }) }
    const event = await sendCommand(about, 'approve', body)
    return report(about, values, {
      events: [event],
      text: `\nApproved ${gate.gate} of ${story.id} (${gate.digest.slice(0, 12)}).`,
    })
  },
}

/** The open gate, if it is the one that is meant and still shows what was read. */
export function gateOf(
  story: Story,
  { gate: name, digest }: { gate?: string | undefined; digest?: string | undefined },
): Gate {
  const { gate, id } = story
  if (!gate) throw new Refusal(`No gate of story ${id} is open.`, `\`sluice story show ${id}\` says what it waits for.`)
  if (name && gate.gate !== name) {
    throw new Refusal(
      `The open gate of story ${id} is ${gate.gate}, not ${name}.`,
      `Leave --gate away, or wait until ${name} is open.`,
    )
  }
  if (digest && !gate.digest.startsWith(digest)) {
    throw new Refusal(
      `What is on the table is no longer what you read: its digest is ${gate.digest}.`,
      `Read it again: sluice story show ${id}`,
    )
  }
  return gate
}

function refuseOverFindings(story: Story): void {
  const blocking = story.gate?.gate === 'review' ? blockingFindings(story) : []
  if (blocking.length === 0) return
  const first = blocking[0]
  throw new Refusal(
    `${blocking.length} ${blocking.length === 1 ? 'finding stands' : 'findings stand'} in the way, the first: ${plain(first?.claim ?? '')}`,
    `Send it back with \`sluice story reject ${story.id} --comment TEXT\`, or overrule with --dismiss REASON.`,
  )
}

async function shown(story: Story, gate: Gate, about: About): Promise<string> {
  const { origin } = about
  const read = await textsAt(story, gate, about)
  const links = documentsAt(story, gate).map(
    ({ artifact }) => `  ${origin}/artifacts/${artifact.sha256}  ${plain(artifact.name)}`,
  )
  const review =
    gate.gate !== 'review'
      ? []
      : [
          ...section('Changed', changedLines(story)),
          ...section('Verdicts', verdictLines(story)),
          ...section('Findings', findingLines(story)),
        ]
  return [
    `${plain(titleOf(story))}: ${gate.gate}, digest ${gate.digest}`,
    ...read.flatMap((document) => ['', document]),
    ...(read.length === 0 ? section('Criteria', criteriaLines(story)) : []),
    ...review,
    ...section('Documents', links),
  ].join('\n')
}
