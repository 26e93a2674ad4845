/** `sluice bus`: who may say what, as configuration for a broker that somebody else runs. */
import { join } from 'node:path'
import { doorsConfig } from '@sluice/kit/broker.ts'
import { dataDir } from '@sluice/kit/paths.ts'
import { readArgs } from '../args.ts'
import { busUsers } from '../bus-files.ts'
import { openKeyring } from '../keyring.ts'
import { Misuse } from '../misuse.ts'
import { originOf } from '../ports.ts'
import { makePrivateDir } from '../private-file.ts'
import { openSeatBook } from '../seats/seat-book.ts'
import { readSettings } from '../settings.ts'
import { print } from '../terminal.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice bus [--page PORT] [--websocket PORT] [--demo | --work]'

export const bus: Verb = {
  name: 'bus',
  summary:
    'Prints users, permissions and the page’s door for a nats-server of your own, with passwords: write it to a file only you can read, include it there, then start Sluice with SLUICE_NATS_URL and SLUICE_NATS_WS_URL.',
  usage,
  async run(args) {
    const text = { type: 'string' } as const
    const options = { page: text, websocket: text, demo: { type: 'boolean' }, work: { type: 'boolean' } } as const
    const { values } = readArgs(args, { usage, options })
    const dir = join(dataDir(), values.demo ? 'demo' : 'work')
    makePrivateDir(dir)
    const page = values.page ? port(values.page) : (readSettings().port ?? USUAL_PAGE)
    const users = busUsers({ keys: openKeyring(join(dir, 'keys.json')), seats: openSeatBook(dir) })
    const websocket = { port: values.websocket ? port(values.websocket) : 4223, allowedOrigins: [originOf({ page })] }
    return print(
      [
        '# Include this in the configuration of nats-server 2.9 or newer, beside `jetstream {}` and `max_payload: 1MB`.',
        `# The page is expected on port ${page}: start Sluice with --port ${page}.`,
        doorsConfig({ users, websocket }).trimEnd(),
      ].join('\n'),
    )
  },
}

const USUAL_PAGE = 4747

function port(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value > 0 && value < 65_536) return value
  throw new Misuse(`${text} is no port. Usage: ${usage}`)
}
