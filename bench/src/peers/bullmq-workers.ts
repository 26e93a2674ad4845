/** A process of BullMQ's side: a worker for each of the eight queues. */
import { beChild } from '../child.ts'
import { AT_ONCE, STEPS } from '../line/steps.ts'
import { type BullMQ, queueOf } from './bullmq.ts'
import { importFrom } from './fetched.ts'

await beChild<{ place: string; connection: object; padding: string }>(async ({ place, connection, padding }) => {
  const { Worker } = await importFrom<BullMQ>(place, 'bullmq')
  const workers = STEPS.map(
    (step) => new Worker(queueOf(step), async () => padding, { connection, concurrency: AT_ONCE }),
  )
  await Promise.all(workers.map((worker) => worker.waitUntilReady()))
  return {}
})
