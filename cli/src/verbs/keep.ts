/** `sluice keep`: a house whose broker and services something else runs, such as Docker: its files, its streams, its supervisor's answers. */
import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { dataDir } from '@sluice/kit/paths.ts'
import { readArgs } from '../args.ts'
import { isHeld } from '../hold.ts'
import { type HouseOptions, openHouse } from '../house.ts'
import { prepareHouse } from '../lay-house.ts'
import { Misuse } from '../misuse.ts'
import { readSettings } from '../settings.ts'
import { print, say } from '../terminal.ts'
import { untilStopped } from '../up/until-stopped.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice keep --repo PATH [--first-port 4747] [--prepare | --ready-file FILE]'

/** Page, frames, broker, websocket, gateway and one for a model. */
const PORTS = 6

export const keep: Verb = {
  name: 'keep',
  summary:
    'Keeps a house whose broker and services something else runs (Docker, systemd); --prepare writes what they read.',
  usage,
  async run(args) {
    const text = { type: 'string' } as const
    const { values } = readArgs(args, {
      usage,
      options: { repo: text, 'first-port': text, prepare: { type: 'boolean' }, 'ready-file': text },
    })
    const options = optionsOf(values.repo, values['first-port'])
    return values.prepare ? await prepare(options) : await hold(options, values['ready-file'])
  },
}

function optionsOf(repo: string | undefined, firstPort = '4747'): HouseOptions {
  if (!repo) throw new Misuse(`--repo is missing. Usage: ${usage}`)
  const port = Number(firstPort)
  if (!Number.isInteger(port) || port < 1 || port + PORTS > 65_536)
    throw new Misuse(`--first-port ${firstPort} leaves no ${PORTS} ports in a row. Usage: ${usage}`)
  const dir = join(dataDir(), 'work')
  return { dataDir: dir, repository: resolve(repo), settings: readSettings(), elsewhere: { firstPort: port }, say }
}

/** Run again beside the house it has prepared it changes nothing. */
async function prepare(options: HouseOptions): Promise<number> {
  if (existsSync(options.dataDir) && isHeld(options.dataDir)) return print(`${options.dataDir} is kept already.`)
  await prepareHouse(options)
  return print(`${options.dataDir} is prepared.`)
}

async function hold(options: HouseOptions, readyFile: string | undefined): Promise<number> {
  if (readyFile) await rm(readyFile, { force: true })
  using stop = untilStopped(() => undefined)
  const opening = openHouse(options)
  // A broker that never comes would be waited for: what was begun ends with the process.
  if (await stop.before(opening)) process.exit(0)
  await using house = await opening
  if (readyFile) await writeFile(readyFile, '')
  print(`Sluice is kept for what runs it.\n  Page     ${house.address}`)
  await stop.told
  return 0
}
