/** Looks at a broker that is not ours before anything relies on it: is it there, can it do the work, whom does it believe. */
import { jetstreamManager } from '@nats-io/jetstream'
import { headers, type NatsConnection } from '@nats-io/nats-core'
import { connect } from '@nats-io/transport-node'
import type { BusCredentials } from './bus.ts'
import { Refusal } from './errors.ts'
import { durableOf } from './permissions.ts'

const ANSWER_MS = 5_000
const FLOOR = [2, 9] as const
/** What one message may weigh (kit/src/broker.ts). */
const PAYLOAD_BYTES = 1024 * 1024

/** Its version; a Refusal that says what it lacks. */
export async function lookAtBroker(admin: BusCredentials): Promise<string> {
  const nc = await letIn(admin)
  try {
    const { version = '0.0', max_payload: payload = 0, jetstream } = nc.info ?? {}
    const [major = 0, minor = 0] = version.split('.').map(Number)
    if (major < FLOOR[0] || (major === FLOOR[0] && minor < FLOOR[1]))
      throw new Refusal(`The broker at ${admin.url} is nats-server ${version}.`, `Run ${FLOOR.join('.')} or newer.`)
    if (payload < PAYLOAD_BYTES)
      throw new Refusal(
        `The broker at ${admin.url} takes no message over ${payload} bytes.`,
        'Set max_payload: 1MB in its configuration.',
      )
    if (!jetstream) throw new Refusal(`The broker at ${admin.url} has no JetStream.`, 'Give it a `jetstream {}` block.')
    await (await jetstreamManager(nc, { timeout: ANSWER_MS })).getAccountInfo().catch((cause: unknown) => {
      throw new Refusal(
        `The broker at ${admin.url} gives us no JetStream.`,
        'Enable it for the account of these users.',
        { cause },
      )
    })
    return version
  } finally {
    await nc.close()
  }
}

async function letIn({ url, user, password }: BusCredentials): Promise<NatsConnection> {
  const options = { servers: url, user, pass: password, name: user, reconnect: false, timeout: ANSWER_MS }
  try {
    return await connect({ ...options, inboxPrefix: `_INBOX_${user}` })
  } catch (cause) {
    if (/authorization/i.test(String(cause)))
      throw new Refusal(
        `The broker at ${url} does not know the user ${user}.`,
        'Give it the users that `sluice bus` prints, and reload it.',
        { cause },
      )
    throw new Refusal(
      `No broker answers at ${url}.`,
      'Start it, or unset SLUICE_NATS_URL: then Sluice brings its own.',
      { cause },
    )
  }
}

/** A header that names a stream there is none of: whoever may publish it is heard, and no stream stores it. */
const EXPECTED_STREAM = 'Nats-Expected-Stream'

/**
 * What a reviewer with these credentials could do and must not, in words; empty when the broker holds. Tried, not read: it forges a
 * verdict and an approval, listens to another role's run and asks for another's requests. Nothing of it is stored.
 */
export async function forgeriesOf(admin: BusCredentials, seat: BusCredentials, other: string): Promise<string[]> {
  const [honest, forger] = [await letIn(admin), await letIn(seat)]
  try {
    const probe = `probe-${crypto.randomUUID()}`
    const tries: [string, () => Promise<boolean>][] = [
      [`sign as ${other}`, () => isHeard({ to: honest, from: forger }, `story.${probe}.review.completed.${other}`)],
      ['approve for you', () => isHeard({ to: honest, from: forger }, `story.${probe}.gate.approved.web`)],
      ['read what others work on', () => isHeard({ to: forger, from: honest }, `run.implementer.${probe}.${probe}.1`)],
      [`take the requests of ${other}`, () => isAnswered(forger, `$JS.API.CONSUMER.INFO.STORY.${durableOf(other)}`)],
    ]
    const done: string[] = []
    for (const [what, attempt] of tries) if (await attempt()) done.push(what)
    return done
  } finally {
    await Promise.all([honest.close(), forger.close()])
  }
}

async function isHeard({ to, from }: { to: NatsConnection; from: NatsConnection }, subject: string): Promise<boolean> {
  let heard = false
  // A refusal comes to the subscription and to the connection; neither is an error here.
  const subscription = to.subscribe(subject, {
    callback(error) {
      heard ||= error === null
    },
  })
  await to.flush()
  const head = headers()
  head.set(EXPECTED_STREAM, 'none-of-ours')
  from.publish(subject, '{}', { headers: head })
  await from.flush()
  // What the broker forwarded stands before the answer to this.
  await to.flush()
  subscription.unsubscribe()
  return heard
}

const isAnswered = (nc: NatsConnection, subject: string): Promise<boolean> =>
  nc.request(subject, '', { timeout: 1_000 }).then(
    () => true,
    () => false,
  )
