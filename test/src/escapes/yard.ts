/** The machine around a jail, small and planted: every place holds the same secret, and every service says it. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { dirname, join } from 'node:path'
import { type JailWorld, jailWorld, SECRET } from '@sluice/kit/testing/jail-world.ts'

/** Where secrets lie in a home and in the data directory. */
export const HOME_SECRETS = [
  ...['.ssh/id_ed25519', '.claude/.credentials.json', '.claude.json', '.aws/credentials', '.npmrc', '.netrc'],
  ...['.config/gcloud/application_default_credentials.json', '.azure/msal_token_cache.json', '.kube/config'],
  ...['.docker/config.json', '.git-credentials', '.gnupg/private-keys-v1.d/key', '.config/gh/hosts.yml'],
  ...['.config/sluice/config.yaml', '.codex/auth.json', '.bash_history', '.password-store/site.gpg'],
  '.mozilla/firefox/cookies.sqlite',
]
export const DATA_SECRETS = ['token', 'keys.json', 'bus/web.json', 'bus/supervisor.json', 'artifacts/ab/abcd']

export type Yard = AsyncDisposable & { world: JailWorld; services: Services; outside: Outside; planted: string }

/** A world of its own for each attempt, beside services that all of them try to reach. */
export async function openYard(services: Services, outside: Outside): Promise<Yard> {
  const world = jailWorld()
  for (const file of HOME_SECRETS) put(join(world.home, file))
  for (const file of DATA_SECRETS) put(join(world.data, file))
  put(join(world.data, 'other', 'unfinished.txt'))
  return {
    ...{ world, services, outside, planted: join(world.root, 'planted') },
    async [Symbol.asyncDispose]() {
      world[Symbol.dispose]()
    },
  }
}

/** As it was made, but for what is outside of the worktree. */
export function tidy({ world: { worktree } }: Yard): void {
  const left = readdirSync(worktree).filter((name) => name !== '.git' && name !== 'file.txt')
  for (const name of left) rmSync(join(worktree, name), { recursive: true, force: true })
}

function put(file: string, content = SECRET): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content, { mode: 0o600 })
}

export type Services = AsyncDisposable & {
  tcp: number
  tcp6: number
  udp: number
  /** Abstract socket: a name without a file. */
  abstract: string
  /** Sockets as files: by the name of what usually listens there. */
  sockets: Record<'docker.sock' | 'ssh-agent' | 'bus' | 'X11', string>
  /** What was sent to the name server. */
  asked(): string[]
}

export async function openServices(): Promise<Services> {
  const dir = `/tmp/slc-yard-${randomBytes(4).toString('hex')}`
  mkdirSync(dir)
  const abstract = `sluice-yard-${process.pid}`
  const x11 = `/tmp/.X11-unix/X${process.pid}`
  mkdirSync(dirname(x11), { recursive: true })
  const sockets = { 'docker.sock': `${dir}/docker.sock`, 'ssh-agent': `${dir}/agent.1`, bus: `${dir}/bus`, X11: x11 }
  const servers = await Promise.all([
    speaking({ port: 0, host: '127.0.0.1' }),
    speaking({ port: 0, host: '::1' }),
    speaking({ path: `\0${abstract}` }),
    ...Object.values(sockets).map((path) => speaking({ path })),
  ])
  const [tcp, tcp6] = servers.map((server) => (server.address() as AddressInfo).port)
  const asked: string[] = []
  const names = createSocket('udp4').bind(0, '127.0.0.1')
  names.on('message', (message, from) => {
    asked.push(message.toString('latin1'))
    names.send(SECRET, from.port, from.address)
  })
  await once(names, 'listening')
  return {
    ...{ tcp: tcp as number, tcp6: tcp6 as number, udp: names.address().port, abstract, sockets },
    asked: () => asked,
    async [Symbol.asyncDispose]() {
      names.close()
      for (const server of servers) server.close()
      rmSync(dir, { recursive: true, force: true })
      rmSync(x11, { force: true })
    },
  }
}

/** Says the secret, as plain words and as a web page, to whoever connects. */
async function speaking(where: { port: number; host: string } | { path: string }): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.end(`HTTP/1.1 200 OK\r\ncontent-length: ${SECRET.length}\r\nconnection: close\r\n\r\n${SECRET}`)
  }).listen(where)
  await once(server, 'listening')
  return server
}

/** A program of the person's that runs beside the jail, its secrets in its environment, its memory and what it shares. */
export type Outside = AsyncDisposable & {
  pid: number
  address: string
  shmKey: number
  shared: string
  running(): boolean
}

const VICTIM = `
import ctypes, os, sys, time
key, secret = int(sys.argv[1]), os.environ['PLANTED'].encode()
libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p
memory = ctypes.create_string_buffer(secret)
segment = libc.shmget(key, 64, 0o1600)
ctypes.memmove(libc.shmat(segment, None, 0), secret, len(secret))
print(hex(ctypes.addressof(memory)), flush=True)
sys.stdin.read()
libc.shmctl(segment, 0, None)
`

export async function openOutside(): Promise<Outside> {
  const shmKey = 0x510c0000 + (process.pid & 0xffff)
  const shared = `/dev/shm/slc-yard-${process.pid}`
  put(shared)
  const env = { ...process.env, PLANTED: SECRET }
  const child = spawn('python3', ['-c', VICTIM, String(shmKey)], { env, stdio: ['pipe', 'pipe', 'inherit'] })
  const [address] = (await once(child.stdout, 'data')) as [Buffer]
  return {
    ...{ pid: child.pid as number, address: address.toString().trim(), shmKey, shared },
    running: () => child.exitCode === null && child.signalCode === null,
    async [Symbol.asyncDispose]() {
      await ended(child)
      rmSync(shared, { force: true })
    },
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.stdin?.end()
  await exit
}

/** A program that becomes another user for whoever starts it: as root, `id` of nobody's. */
export function putSetuid(yard: Yard): string {
  const file = join(yard.world.worktree, 'become')
  execFileSync('cp', [execFileSync('sh', ['-c', 'command -v id'], { encoding: 'utf8' }).trim(), file])
  execFileSync('chown', ['65534:65534', file])
  chmodSync(file, 0o4755)
  return file
}

/** Of what is to be looked for on the outside; nothing where there is no such file. */
export const contentOf = (file: string): string =>
  statSync(file, { throwIfNoEntry: false })?.isFile() ? readFileSync(file, 'utf8') : ''
