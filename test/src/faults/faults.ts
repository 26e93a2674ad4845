/** Plants every fault of `test/faults`, one at a time, in a copy of this checkout. Exit 0 only when each turns a test red. */
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { copyOf } from './checkout.ts'
import { type Fault, faultsIn } from './fault.ts'
import { type Outcome, redAlready, tryFault } from './plant.ts'

const usage = `node test/src/faults/faults.ts [--only TEXT] [--json]
  --only    faults whose name or file holds this text
  --json    one object on stdout, the rest on stderr`

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

async function plantAll(): Promise<boolean> {
  const say = (line: string) => process.stderr.write(`${line}\n`)
  const root = fileURLToPath(new URL('../../../', import.meta.url))
  const chosen = faultsIn(root).filter(({ name, file }) => `${name} ${file}`.includes(values.only))
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort(new Error(name)))
  await using copy = await copyOf(root)

  const outcomes: Outcome[] = []
  for (const [test, faults] of byTest(chosen)) {
    const red = await redAlready(copy.root, test, stop.signal)
    for (const fault of faults) {
      const outcome = red[0] === undefined ? await tryFault(copy.root, fault, stop.signal) : brokenBy(fault, red[0])
      outcomes.push(outcome)
      say(lineOf(outcome))
    }
  }
  const bad = outcomes.filter((outcome) => outcome.result !== 'caught')
  if (values.json) console.log(JSON.stringify({ ok: bad.length === 0 && outcomes.length > 0, outcomes }))
  say(`${outcomes.length - bad.length} of ${outcomes.length} faults caught`)
  return bad.length === 0 && outcomes.length > 0
}

/** Faults that the same tests must notice, so that these are seen green but once. */
function byTest(faults: Fault[]): [Fault['test'], Fault[]][] {
  const groups = Map.groupBy(faults, ({ test }) => JSON.stringify(test))
  return [...groups.values()].flatMap((group) => (group[0] ? [[group[0].test, group] as [Fault['test'], Fault[]]] : []))
}

const brokenBy = (fault: Fault, red: string): Outcome => ({
  ...{ fault: fault.name, result: 'broken', seconds: 0 },
  by: `red without the fault: ${red}`,
})

const lineOf = ({ fault, result, by, seconds }: Outcome): string =>
  `${result.padEnd(8)} ${fault.padEnd(62)} ${seconds.toFixed(1).padStart(5)} s  ${by}`

if (values.help) console.log(usage)
else process.exitCode = (await plantAll()) ? 0 : 1
