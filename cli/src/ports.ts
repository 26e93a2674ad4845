/** The ports of a house, all on the loopback: free ones, chosen together so that no two are the same. */
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { Refusal } from '@sluice/kit/errors.ts'
import { tryLock } from './lock-file.ts'

export type Ports = { page: number; frames: number; broker: number; websocket: number; gateway: number; model: number }
/** `claim` is held as long as the house lives: seconds pass before its page listens, and another one looks for a port meanwhile. */
export type ChosenPorts = { ports: Ports; claim: Disposable | null }

const PAGE = 4747
/** How many after the usual one are tried before any free one is taken. */
const NEIGHBOURS = 20

/** `asked`: the page's port, wished for by the person: that one or none; 0 is any free one. `claims`: a directory that all houses share. */
export async function choosePorts(claims: string, asked?: number): Promise<ChosenPorts> {
  const held: Server[] = []
  const hold = async (port: number): Promise<number> => {
    const server = createServer().listen(port, '127.0.0.1')
    await once(server, 'listening')
    held.push(server)
    return (server.address() as AddressInfo).port
  }
  try {
    const { page, claim } = asked === undefined ? await usual(hold, claims) : await askedFor(hold, asked)
    const [frames, broker] = [await hold(0), await hold(0)]
    const [websocket, gateway, model] = [await hold(0), await hold(0), await hold(0)]
    return { ports: { page, frames, broker, websocket, gateway, model }, claim }
  } finally {
    await Promise.all(held.map((server) => once(server.close(), 'close')))
  }
}

/** Six in a row, for processes that are told their ports before anybody starts them. */
export const portsFrom = (first: number): Ports => ({
  ...{ page: first, frames: first + 1, broker: first + 2 },
  ...{ websocket: first + 3, gateway: first + 4, model: first + 5 },
})

type Page = { page: number; claim: Disposable | null }
type Hold = (port: number) => Promise<number>

const askedFor = async (hold: Hold, asked: number): Promise<Page> => ({
  page: await hold(asked).catch((cause) => refuse(asked, cause)),
  claim: null,
})

async function usual(hold: Hold, claims: string): Promise<Page> {
  mkdirSync(claims, { recursive: true })
  for (let port = PAGE; port < PAGE + NEIGHBOURS; port++) {
    const claim = tryLock(join(claims, String(port)))
    const free = claim && (await hold(port).catch(() => null))
    if (free) return { page: free, claim }
    claim?.[Symbol.dispose]()
  }
  return { page: await hold(0), claim: null }
}

function refuse(port: number, cause: NodeJS.ErrnoException): never {
  if (cause.code === 'EACCES')
    throw new Refusal(`Port ${port} is not yours to use.`, 'Choose one above 1023: --port 4747.', { cause })
  throw new Refusal(
    `Port ${port} is taken.`,
    'Stop what listens there, or leave the port out (--port, or `port` in your settings): then the next free one is used.',
    { cause },
  )
}

export const brokerUrl = ({ broker }: Pick<Ports, 'broker'>): string => `127.0.0.1:${broker}`
export const originOf = ({ page }: Pick<Ports, 'page'>): string => `http://127.0.0.1:${page}`
export const gatewayUrl = ({ gateway }: Pick<Ports, 'gateway'>): string => `http://127.0.0.1:${gateway}`
