/** The scripted model of the pictures as a process: prints its address, ends with its parent. */
import { parseArgs } from 'node:util'
import { startMessagesApi } from '@sluice/kit/testing/messages-api.ts'
import { playing } from '../testing/tiny-stories.ts'
import { shown } from './shown-stories.ts'

const { values } = parseArgs({ options: { port: { type: 'string', default: '0' } } })
const api = await startMessagesApi({
  model: playing(Object.values(shown)),
  port: Number(values.port),
  label: 'Sluice picture script',
})
process.stdin.resume().once('close', () => process.exit(0))
process.stdout.write(`${JSON.stringify({ url: api.url })}\n`)
