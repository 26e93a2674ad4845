/** `sluice replay`: plays the recording of an agent's terminal in a person's own. */
import { setTimeout as delay } from 'node:timers/promises'
import { Refusal } from '@sluice/kit/errors.ts'
import { type Cast, parseCast, withoutIdle } from '@sluice/proto/cast.ts'
import type { Artifact } from '@sluice/proto/parts.ts'
import { RunView } from '@sluice/proto/rest.ts'
import { z } from 'zod'
import { houseOptions, readArgs } from '../args.ts'
import { aboutStory } from '../command.ts'
import { harmless } from '../harmless.ts'
import { Misuse } from '../misuse.ts'
import { type Logged, readStory } from '../stories.ts'
import { say } from '../terminal.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice replay ID [--round N] [--speed X] [--idle SECONDS] [--json] [--demo | --work]'

export const replay: Verb = {
  name: 'replay',
  summary:
    'Plays the recording of an agent’s terminal; --speed 4 is four times as fast, --idle 1 cuts pauses to a second.',
  usage,
  async run(args) {
    const more = { round: { type: 'string' }, speed: { type: 'string' }, idle: { type: 'string' } } as const
    const { values, positionals } = readArgs(args, { usage, options: { ...houseOptions, ...more }, words: ['ID'] })
    const speed = above0('--speed', values.speed ?? '1')
    const idle = values.idle === undefined ? Number.POSITIVE_INFINITY : above0('--idle', values.idle)
    const { card, rest } = await aboutStory(positionals[0] ?? '', values)
    const { events } = await readStory(rest, card.id)
    const runs = await rest.get(`/api/stories/${encodeURIComponent(card.id)}/runs`, z.array(RunView))
    const { sha256 } = recordingIn(recordingsOf(events, runs), card.id, values.round)
    const text = await rest.text(`/artifacts/${sha256}`)
    // The file itself is what a program wants: any asciicast player takes it.
    if (values.json) return written(text)
    const cast = parseCast(text)
    if (!cast)
      throw new Refusal(
        'The recording is not an asciicast v3 file.',
        'Look at it with --json; another version wrote it.',
      )
    await play(cast, { speed, idle })
    return 0
  },
}

/** Round by round as they ended, well or not; then those of attempts that died, which are found when their run is packed. */
function recordingsOf(events: readonly Logged[], runs: readonly RunView[]): Artifact[] {
  const ofRun = (request: string) => runs.find(({ runId }) => runId === request)?.recordings ?? []
  const found = events.flatMap(({ event }) => {
    if (event.type === 'build.completed') return event.data.recording ? [event.data.recording] : []
    return event.type === 'build.failed' || event.type === 'build.paused' ? ofRun(event.data.request) : []
  })
  const packed = events.flatMap(({ event }) =>
    event.type === 'run.packed' ? event.data.recordings.map(({ recording }) => recording) : [],
  )
  const known = new Set(found.map(({ sha256 }) => sha256))
  return [...found, ...packed.filter(({ sha256 }) => !known.has(sha256))]
}

/** The last one, or the one that is asked for. */
function recordingIn(found: readonly Artifact[], id: string, round: string | undefined): Artifact {
  const one = round === undefined ? found.at(-1) : found[above0('--round', round) - 1]
  if (one) return one
  if (found.length === 0)
    throw new Refusal(
      `Story ${id} has no recording yet.`,
      `It gets one when a round of implementation ends; \`sluice attach ${id}\` shows it live.`,
    )
  throw new Refusal(
    `Story ${id} has no recording ${round}.`,
    `There are ${found.length}: --round 1 to ${found.length}.`,
  )
}

async function play({ cols, rows, events }: Cast, { speed, idle }: { speed: number; idle: number }): Promise<void> {
  const pass = harmless()
  say(`${cols}×${rows}, ${speed}× as fast. Ctrl-C ends it.`)
  const began = performance.now()
  for (const { at, code, data } of withoutIdle(events, idle)) {
    const wait = (at * 1000) / speed - (performance.now() - began)
    if (wait > 1) await delay(wait)
    if (code === 'o') process.stdout.write(pass(data))
  }
  if (process.stdout.isTTY) process.stdout.write('\u001b[0m\u001b[?1049l\u001b[?25h\n')
}

function above0(option: string, text: string): number {
  const number = Number(text)
  if (Number.isFinite(number) && number > 0) return number
  throw new Misuse(`${option} ${text} is no number above zero. Usage: ${usage}`)
}

function written(text: string): 0 {
  process.stdout.write(text)
  return 0
}
