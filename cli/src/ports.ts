/** The ports of a house, all on the loopback: free ones, chosen together so that no two are the same. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { Refusal } from '@sluice/kit/errors.ts'

export type Ports = { page: number; frames: number; broker: number; websocket: number; gateway: number; model: number }

const PAGE = 4747
/** How many after the usual one are tried before any free one is taken. */
const NEIGHBOURS = 20

/** `asked`: the page's port, wished for by the person: that one or none; 0 is any free one. */
export async function choosePorts(asked?: number): Promise<Ports> {
  const held: Server[] = []
  const hold = async (port: number): Promise<number> => {
    const server = createServer().listen(port, '127.0.0.1')
    await once(server, 'listening')
    held.push(server)
    return (server.address() as AddressInfo).port
  }
  try {
    const page = asked === undefined ? await usual(hold) : await hold(asked).catch((cause) => refuse(asked, cause))
    const [frames, broker] = [await hold(0), await hold(0)]
    const [websocket, gateway, model] = [await hold(0), await hold(0), await hold(0)]
    return { page, frames, broker, websocket, gateway, model }
  } finally {
    await Promise.all(held.map((server) => once(server.close(), 'close')))
  }
}

async function usual(hold: (port: number) => Promise<number>): Promise<number> {
  for (let port = PAGE; port < PAGE + NEIGHBOURS; port++) {
    const free = await hold(port).catch(() => null)
    if (free) return free
  }
  return hold(0)
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
