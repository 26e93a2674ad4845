/** `node demo/src/server.ts`: the scripted model as a process, labelled on every response. Prints its address as one line of JSON. */
import { parseArgs } from 'node:util'
import { startMessagesApi } from '@sluice/kit/testing/messages-api.ts'
import { demoModel, type Pace } from './model.ts'
import { tinyModel } from './tiny.ts'

/** Shown wherever what it says is shown. */
const LABEL = 'Sluice demo script'

const usage = `node demo/src/server.ts [--port 0] [--pace watch|fast] [--stories demo|tiny] [--log FILE]
  --port     0 takes a free one
  --pace     watch: so slow that a person can follow it
  --stories  demo: the three of the demo · tiny: the one of the crash matrix
  --log      a line of JSON for each request goes there`

try {
  await serveModel()
} catch (error) {
  process.stderr.write(`The scripted model cannot start: ${error instanceof Error ? error.message : error}\n${usage}\n`)
  process.exit(1)
}

async function serveModel(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      pace: { type: 'string', default: 'fast' },
      stories: { type: 'string', default: 'demo' },
      log: { type: 'string' },
    },
  })
  const pace = oneOf<Pace>('pace', values.pace, ['watch', 'fast'])
  const stories = oneOf('stories', values.stories, ['demo', 'tiny'])
  const api = await startMessagesApi({
    model: stories === 'tiny' ? tinyModel : demoModel(undefined, { pace }),
    port: portOf(values.port),
    label: LABEL,
    ...(values.log ? { requestLog: values.log } : {}),
  })
  endWithParent()
  process.stdout.write(`${JSON.stringify({ url: api.url })}\n`)
}

function oneOf<T extends string>(name: string, value: string, known: readonly T[]): T {
  const found = known.find((one) => one === value)
  if (found === undefined) throw new Error(`--${name} is ${known.join(' or ')}, not ${value}.`)
  return found
}

function portOf(value: string): number {
  const port = Number(value)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`--port is a number, not ${value}.`)
  return port
}

/** Started by Sluice, it is gone with Sluice: a pipe from the parent closes whatever the parent dies of. */
function endWithParent(): void {
  if (process.env.SLUICE_SUPERVISED !== '1') return
  process.stdin.resume().once('close', () => process.exit(0))
}
