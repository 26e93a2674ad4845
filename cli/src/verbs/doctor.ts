/** `sluice doctor`: looks at all that can be missing and says how to mend each. */
import { resolve } from 'node:path'
import { dataDir } from '@sluice/kit/paths.ts'
import { thisMachine } from '@sluice/kit/resolve/machine.ts'
import { readArgs } from '../args.ts'
import type { Check } from '../doctor/check.ts'
import { engines } from '../doctor/engines.ts'
import { limits, memory } from '../doctor/machine.ts'
import { mcpServers } from '../doctor/mcp.ts'
import { modelCall, models, registry } from '../doctor/online.ts'
import { dataDirectory, diskSpace, key, loopback, modelCalls, running, settings, telemetry } from '../doctor/places.ts'
import { broker, browser, git, identity, jail, node } from '../doctor/programs.ts'
import { repository } from '../doctor/repository.ts'
import { defaultSettings, readSettings } from '../settings.ts'
import { paint, print, printJson, say } from '../terminal.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice doctor [--repo PATH] [--online] [--json]'

export const doctor: Verb = {
  name: 'doctor',
  summary:
    'Looks at all that Sluice needs and says how to mend what is missing; exit 1 if it cannot start. --repo looks at a repository as well, --online asks the model, by one call of a few tokens, and the package registry.',
  usage,
  async run(args) {
    const options = { json: { type: 'boolean' }, online: { type: 'boolean' }, repo: { type: 'string' } } as const
    const { values } = readArgs(args, { usage, options })
    const checks = await examine(values)
    const fine = checks.every(({ state }) => state !== 'missing')
    if (values.json) printJson({ ok: fine, checks })
    else print(linesOf(checks).join('\n'))
    return fine ? 0 : 1
  },
}

async function examine({
  repo,
  online,
}: {
  repo?: string | undefined
  online?: boolean | undefined
}): Promise<Check[]> {
  const machine = thisMachine((line) => say(`sluice doctor: ${line}`))
  const { env } = machine
  const dir = dataDir()
  const data = await dataDirectory(dir)
  const wish = await settings()
  const wished = wish.state === 'ok' ? readSettings() : defaultSettings
  const looked = await Promise.all([
    ...[node(), git(machine), identity(machine), broker(machine), jail(machine), browser(machine)],
    ...[wish, key(env), data, diskSpace(dir), memory(), limits(), loopback(), telemetry(env), running(dir)],
    ...(online ? [models(env, wished.model), modelCall(env, wished.model), registry(env)] : []),
  ])
  looked.push(...(await engines(wished, env)))
  looked.push(...(await modelCalls(dir)))
  looked.push(...(await mcpServers(machine, wished.mcp)))
  if (repo === undefined) return looked
  const there = await repository(resolve(process.env.INIT_CWD ?? process.cwd(), repo), env)
  return [...looked.filter(({ name }) => name !== 'git identity'), ...there]
}

const marks = { ok: paint('green', '✓'), warning: paint('yellow', '!'), missing: paint('red', '✗') }

function linesOf(checks: readonly Check[]): string[] {
  const width = Math.max(...checks.map(({ name }) => name.length))
  return checks.flatMap(({ name, state, says, mend }) => [
    `${marks[state]} ${name.padEnd(width)}  ${says}`,
    ...(mend ? [`  ${' '.repeat(width)}  ${paint('bold', mend)}`] : []),
  ])
}
