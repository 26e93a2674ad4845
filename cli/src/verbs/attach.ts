/** `sluice attach`: the terminal of a story's running agent, as it is and as it goes on; with `--take`, to type into as well. */
import { Refusal } from '@sluice/kit/errors.ts'
import { Heard } from '@sluice/proto/said.ts'
import { TermEvent } from '@sluice/proto/term.ts'
import { houseOptions, readArgs } from '../args.ts'
import { aboutStory } from '../command.ts'
import { eventsIn } from '../event-stream.ts'
import { harmless } from '../harmless.ts'
import type { Rest } from '../rest.ts'
import { clip, print, say, screenWidth } from '../terminal.ts'
import { followTodo } from '../todo-follow.ts'
import { todoLines } from '../todo-lines.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice attach ID [--take] [--json] [--demo | --work]'
/** Ctrl-] gives the terminal back: every other key is the agent's. */
const HAND_BACK = '\u001d'
/** Colours, other screen and cursor as they were. */
const RESTORED = '\u001b[0m\u001b[?1049l\u001b[?25h'
const CLEARED = '\u001b[0m\u001b[H\u001b[2J'

export const attach: Verb = {
  name: 'attach',
  summary:
    'Shows the terminal of a running agent, live, with its list of what is to do below where there is room; with --take your keys go to it. Leaving ends nothing: the agent goes on.',
  usage,
  async run(args) {
    const { values, positionals } = readArgs(args, {
      usage,
      options: { ...houseOptions, take: { type: 'boolean' } } as const,
      words: ['ID'],
    })
    const { card, rest } = await aboutStory(positionals[0] ?? '', values)
    if (card.status !== 'running')
      throw new Refusal(
        `Story ${card.id} has ended: nothing runs.`,
        `\`sluice replay ${card.id}\` plays its recording.`,
      )
    if (values.take && !process.stdin.isTTY)
      throw new Refusal('There is no terminal to type at.', 'Run it at one, or without --take.')
    say(
      values.take
        ? `You have the terminal of ${card.id}: your keys go to the agent. Ctrl-] gives it back.`
        : `Watching ${card.id}, read only. Ctrl-C leaves; the agent goes on.`,
    )
    const body = await rest.stream(`/api/stories/${encodeURIComponent(card.id)}/terminal`)
    const screen = onScreen()
    const show = values.json ? asJson : screen.show
    const left = new AbortController()
    const read = () => todoLines(rest, card.id)
    const first = values.json ? [] : await read()
    if (first.length > 0) screen.list(first)
    if (!values.json) void followTodo({ read, first, onChange: screen.list, signal: left.signal })
    using taken = values.take ? takeKeys(rest, card.id) : null
    try {
      for await (const { event, data } of eventsIn(body)) {
        if (taken?.left) break
        if (event !== 'frame') continue
        const frame = TermEvent.parse(JSON.parse(data))
        taken?.of(frame)
        show(frame)
      }
    } finally {
      left.abort()
      if (!values.json && process.stdout.isTTY) process.stdout.write(RESTORED)
    }
    if (taken?.left) {
      say(`The terminal of ${card.id} is the agent’s again.`)
      return 0
    }
    say(`Nothing more is shown of ${card.id}: it has ended, or Sluice has.`)
    return 0
  },
}

/** Keys as they are pressed, one after another; what the agent's side says to one of them is said here, and ends it. */
function takeKeys(rest: Rest, storyId: string): Disposable & { left: boolean; of(shown: TermEvent): void } {
  let shown: TermEvent | null = null
  let sending: Promise<unknown> = Promise.resolve()
  const taken = {
    left: false,
    of(event: TermEvent) {
      shown = event
    },
    [Symbol.dispose]() {
      process.stdin.setRawMode(false).off('data', press).pause()
    },
  }
  function press(keys: Buffer): void {
    const typed = keys.toString('utf8')
    const [mine = ''] = typed.split(HAND_BACK)
    if (typed.includes(HAND_BACK)) taken.left = true
    if (!mine || !shown) return
    const { source, runId } = shown
    const path = `/api/stories/${encodeURIComponent(storyId)}/runs/${source}/${encodeURIComponent(runId)}/keys`
    sending = sending
      .then(() => rest.post(path, { data: mine }, Heard))
      .catch((error: unknown) => {
        taken.left = true
        say(error instanceof Error ? error.message : String(error))
      })
  }
  process.stdin.setRawMode(true).on('data', press).resume()
  return taken
}

const asJson = (event: TermEvent): void => void print(JSON.stringify(event))

/** The agent's list stands below its terminal where there is room, else beside what is shown. */
function onScreen(): { show(event: TermEvent): void; list(lines: string[]): void } {
  let run = ''
  let height = 0
  let todo: string[] = []
  let pass = harmless()
  const drawn = () => {
    const room = (process.stdout.rows ?? 0) - height - 1
    if (!process.stdout.isTTY || height === 0 || room < 1) return false
    process.stdout.write(below(height + 2, todo.slice(0, room)))
    return true
  }
  return {
    list(lines) {
      todo = lines.map((line) => clip(line, screenWidth()))
      if (!drawn() && !process.stdout.isTTY) say(['The agent’s list:', ...lines].join('\n'))
    },
    show({ source, runId, frame }) {
      height = frame.rows
      if (runId !== run || frame.screen) {
        run = runId
        pass = harmless()
        if (process.stdout.isTTY) process.stdout.write(CLEARED)
        const { columns = frame.cols, rows = frame.rows } = process.stdout
        if (columns < frame.cols || rows < frame.rows)
          say(
            `The terminal of ${source} is ${frame.cols}×${frame.rows}, larger than yours (${columns}×${rows}): lines will wrap.`,
          )
        drawn()
      }
      process.stdout.write(pass(frame.data))
      if (frame.ended) say('\nThe shell has ended.')
    },
  }
}

/** Written without moving the cursor of the terminal above: saved, and put back. */
const below = (row: number, lines: readonly string[]): string =>
  `\u001b7\u001b[${row};1H\u001b[0m\u001b[J${lines.join('\r\n')}\u001b8`
