/** Many stories at once on one workstation, while implementers are scaled and a reviewer is swapped: `npm run many -- --stories 20`. */
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { openLine } from '../testing/line.ts'
import { ownFiles, storyAbout } from '../testing/tiny-stories.ts'
import { faultsOf, numbersOf } from './outcome.ts'

const usage = `npm run many -- [--stories 20] [--json]
  Submits that many stories at once, each with a change and a test of its own, gates approved by policy. Meanwhile implementers go
  from 2 to 6 and to 3, and the security seat is given to the example in Python and back. Exit 0 only when every story has shipped,
  every seat has judged every commit once, nothing waited for a deadline, and the project's checks are green on main.`

const PYTHON = join(import.meta.dirname, '..', '..', '..', 'examples', 'reviewers', 'python', 'reviewer.py')
const PATIENCE_MS = 30 * 60_000

const { values } = parseArgs({
  options: {
    stories: { type: 'string', default: '20' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) console.log(usage)
else process.exitCode = await many(Number(values.stories))

async function many(count: number): Promise<number> {
  const stories = Array.from({ length: count }, (_, i) => storyAbout(`story-${i + 1}`, ownFiles(`story-${i + 1}`)))
  await using line = await openLine({ stories, implementers: 2, patienceMs: PATIENCE_MS })
  const began = performance.now()
  const ids = await Promise.all(stories.map((story) => line.submit(story, { auto: true })))
  say(`${count} stories submitted`)

  const happened = (type: string, source: string) =>
    ids.flatMap((id) => line.events(id)).filter((event) => event.type === type && event.source === source).length
  const until = async (type: string, source: string, n: number) => {
    while (happened(type, source) < Math.min(n, count)) await after(200)
  }
  const change = async (what: string, path: string, body: unknown) => {
    const { status } = await line.ask('POST', path, body)
    if (status !== 200) throw new Error(`${what} was answered with ${status}.`)
    say(what)
  }
  const seat = '/api/reviewers/security/swap'

  await until('build.completed', 'implementer', 2)
  await change('implementers 2 → 6', '/api/services/implementer/scale', { replicas: 6 })
  await until('review.completed', 'security', 3)
  const command = ['python3', PYTHON]
  await change('security → Python', seat, { sitting: { kind: 'command', command, directory: line.dataDir } })
  await until('review.completed', 'security', 3 + Math.ceil(count / 3))
  await change('security → our own', seat, { sitting: { kind: 'builtin', program: 'security' } })
  await until('build.completed', 'implementer', Math.ceil(count * 0.7))
  await change('implementers 6 → 3', '/api/services/implementer/scale', { replicas: 3 })
  await Promise.all(ids.map(line.shipped))

  const logs = ids.map((id) => line.events(id))
  const faults = faultsOf(logs, line.repository)
  const numbers = numbersOf(logs, (performance.now() - began) / 1000)
  if (values.json) console.log(JSON.stringify({ ok: faults.length === 0, faults, ...numbers }, null, 2))
  else
    console.log(
      [...faults, ...Object.entries(numbers).map(([name, value]) => `${name.padEnd(22)} ${value}`)].join('\n'),
    )
  return faults.length === 0 ? 0 : 1
}

function say(text: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`)
}
