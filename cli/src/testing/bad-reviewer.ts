/** A reviewer that breaks its contract wherever it can: what the check must see. */
import { randomUUID } from 'node:crypto'
import { setTimeout as after } from 'node:timers/promises'
import { connectBus } from '@sluice/kit/bus.ts'

const { SLUICE_SEAT: seat = '', NATS_URL: url = '', NATS_USER: user = '', NATS_PASSWORD: password = '' } = process.env
const bus = await connectBus({ url, user, password })
const consumer = await bus.js.consumers.get('STORY', `take-${seat}`)
process.on('SIGTERM', () => undefined)

type Request = { id: string; storyId: string; projectId: string; data: { judged: { base: string; commit: string } } }
const usage = { inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0, costUsd: 0 }
const found = { severity: 'low', blocking: false, claim: 'Never the same.', evidence: '', path: 'src/login.js' }

for (;;) {
  const message = await consumer.next({ expires: 60_000 })
  if (!message) continue
  const request = readOrNull(message.string())
  // Garbage breaks it.
  if (!request?.data) process.exit(3)
  const { id, storyId, projectId, data } = request
  const is = (name: string) => storyId.startsWith(`check-${name}-`)
  // No sign of life while it is slow.
  if (is('large')) await after(5_500)
  const event = {
    ...{
      specversion: '1.0',
      id: randomUUID(),
      source: seat,
      type: 'review.completed',
      datacontenttype: 'application/json',
    },
    ...{ time: new Date().toISOString(), projectId, storyId, causationId: id },
    data: {
      ...{
        request: id,
        attempt: 1,
        occupant: { program: 'bad', version: '1' },
        usage,
        seat,
        earlier: [],
        summary: 'Bad.',
      },
      verdict: is('large') ? 'reject' : 'approve',
      judged: is('fault') ? { ...data.judged, commit: data.judged.base } : data.judged,
      findings: [{ ...found, id: randomUUID(), seat, startLine: is('names') ? 999 : 1, claim: `${Math.random()}` }],
    },
  }
  await bus.js.publish(`story.${storyId}.review.completed.${seat}`, JSON.stringify(event))
  // It forgets to acknowledge the last of them.
  if (!is('names')) message.ack()
}

function readOrNull(text: string): Request | null {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
