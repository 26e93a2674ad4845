/** Where the broker is: our own on the loopback, or somebody else's, who must be looked at before it is believed. */

import { Refusal } from '@sluice/kit/errors.ts'
import { forgeriesOf, lookAtBroker } from '@sluice/kit/look-at-broker.ts'
import { writeBusFiles } from './bus-files.ts'
import type { Env } from './child-env.ts'
import type { BusPlace } from './own.ts'
import type { Plan } from './plan.ts'
import { brokerUrl, type Ports } from './ports.ts'
import { busPassword } from './secrets.ts'

export const ownBroker = (ports: Ports): BusPlace => ({
  ...{ url: brokerUrl(ports), websocket: `ws://127.0.0.1:${ports.websocket}`, foreign: false, problem: null },
})

/** As the environment names it; null where it names none. */
export function foreignBroker(env: Env): BusPlace | null {
  const { SLUICE_NATS_URL: url, SLUICE_NATS_WS_URL: websocket } = env
  if (!url) return null
  const there = addressIn('SLUICE_NATS_URL', url, ['nats:', 'tls:'], 'nats://127.0.0.1:4222')
  if (there.username || there.password)
    throw new Refusal(
      'SLUICE_NATS_URL names a user: everything would speak as that one, and a reviewer could approve for you.',
      'Leave it out; give the broker the users that `sluice bus` prints.',
    )
  if (!websocket)
    throw new Refusal(
      'SLUICE_NATS_URL is set and SLUICE_NATS_WS_URL is not: the page reaches the broker by its websocket.',
      'Set it, for example to ws://127.0.0.1:4223; `sluice bus` prints the block that opens one.',
    )
  const page = addressIn('SLUICE_NATS_WS_URL', websocket, ['ws:', 'wss:'], 'ws://127.0.0.1:4223')
  const secure = there.protocol === 'tls:' ? 'tls://' : ''
  return {
    ...{
      url: `${secure}${there.hostname}:${there.port || 4222}`,
      websocket: `${page.protocol}//${page.host}`,
    },
    ...{ foreign: true, problem: null },
  }
}

function addressIn(name: string, text: string, protocols: string[], example: string): URL {
  const address = URL.parse(text.includes('://') ? text : `${protocols[0]}//${text}`)
  if (address && protocols.includes(address.protocol) && address.hostname) return address
  throw new Refusal(`${name} is no address: ${text}.`, `Name one like ${example}.`)
}

/** Refuses a broker that lets a reviewer speak for others, unless it is trusted; then what it lets happen stands in the plan. */
export async function confirmForeign(plan: Plan, trust: boolean): Promise<void> {
  const { bus, keys } = plan
  const as = (user: string) => ({ url: bus.url, user, password: busPassword(keys, user) })
  await lookAtBroker(as('supervisor'))
  const forged = await forgeriesOf(as('supervisor'), as('generic'), 'security')
  if (forged.length === 0) return
  const problem = `The broker at ${bus.url} lets any reviewer ${forged.join(', ')}.`
  if (!trust)
    throw new Refusal(
      problem,
      'Give it the users that `sluice bus` prints, or start with --trust-bus if nothing runs on it that you do not trust.',
    )
  bus.problem = problem
  writeBusFiles(plan)
}
