/** `sluice doctor`: looks at all that can be missing and says how to mend each. */
import { dataDir } from '@sluice/kit/paths.ts'
import { thisMachine } from '@sluice/kit/resolve/machine.ts'
import { readArgs } from '../args.ts'
import type { Check } from '../doctor/check.ts'
import { dataDirectory, diskSpace, key, loopback, running } from '../doctor/places.ts'
import { broker, browser, git, identity, jail, node } from '../doctor/programs.ts'
import { paint, print, printJson, say } from '../terminal.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice doctor [--json]'

export const doctor: Verb = {
  name: 'doctor',
  summary: 'Looks at all that Sluice needs and says how to mend what is missing; exit 1 if it cannot start.',
  usage,
  async run(args) {
    const { values } = readArgs(args, { usage, options: { json: { type: 'boolean' } } })
    const checks = await examine()
    const fine = checks.every(({ state }) => state !== 'missing')
    if (values.json) printJson({ ok: fine, checks })
    else print(checks.flatMap(lines).join('\n'))
    return fine ? 0 : 1
  },
}

async function examine(): Promise<Check[]> {
  const machine = thisMachine((line) => say(`sluice doctor: ${line}`))
  const dir = dataDir()
  const data = await dataDirectory(dir)
  return await Promise.all([
    node(),
    git(machine),
    identity(machine),
    broker(machine),
    jail(machine),
    browser(machine),
    key(machine.env),
    data,
    diskSpace(dir),
    loopback(),
    running(dir),
  ])
}

const marks = { ok: paint('green', '✓'), warning: paint('yellow', '!'), missing: paint('red', '✗') }

const lines = ({ name, state, says, mend }: Check): string[] => [
  `${marks[state]} ${name.padEnd(14)}  ${says}`,
  ...(mend ? [`  ${' '.repeat(14)}  ${paint('bold', mend)}`] : []),
]
