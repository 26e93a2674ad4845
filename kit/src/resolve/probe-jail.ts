/** Tries to break out of a jail: the attempt must fail, and honest work inside must succeed. */
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Jail, type JailPolicy, spawnJailed } from '../jail.ts'

type Probed = Exclude<Jail, { kind: 'none' }>
export type NoJail = { kind: 'none'; problem: string; mend: string }

const ESCAPE = fileURLToPath(new URL('./escape.mjs', import.meta.url))
/** Never throws: where nothing can be jailed, that is the answer. */
export async function probeJail(jail: Probed): Promise<{ kind: 'holds' } | NoJail> {
  const yard = await mkdtemp(join(tmpdir(), 'slc-probe-'))
  try {
    return await tryToEscape(jail, yard)
  } catch (error) {
    return none(
      `The jail could not be tried out (${error instanceof Error ? error.message : error}).`,
      'Mend that, then run the same command again.',
    )
  } finally {
    await rm(yard, { recursive: true, force: true })
  }
}

/** Through the very arguments that agents are held by, and judged by what happened outside, not by what the escaping program says. */
async function tryToEscape(jail: Probed, yard: string): Promise<{ kind: 'holds' } | NoJail> {
  const [home, work, outside] = [join(yard, 'home'), join(yard, 'work'), join(yard, 'outside')]
  const secret = join(home, 'secret')
  const [stolen, seen, honest] = [join(work, 'stolen'), join(work, 'seen'), join(work, 'honest')]
  await Promise.all([mkdir(home), mkdir(work)])
  await writeFile(secret, 'a secret of the person')
  await using listener = await listen()
  const self = process.platform === 'linux' ? await readFile(`/proc/${process.pid}/cmdline`, 'base64') : ''

  const tries = [outside, secret, stolen, String(listener.port), String(process.pid), self, seen, honest]
  const attempt = await inJail(jail, { worktree: work, readable: [ESCAPE] }, [process.execPath, ESCAPE, ...tries])

  const leaks = [
    existsSync(outside) && 'write outside its worktree',
    existsSync(stolen) && 'read a secret',
    listener.reached() && 'reach the network',
    existsSync(seen) && (jail.kind === 'seatbelt' ? 'signal other processes' : 'see other processes'),
  ].filter((leak) => leak !== false)
  if (leaks.length > 0)
    return none(
      `The jail does not hold: a program inside could ${leaks.join(', ')}.`,
      jail.kind === 'seatbelt'
        ? 'Run Sluice on Linux or in a Linux virtual machine, and tell us of this Mac.'
        : `Install bubblewrap anew; this was ${jail.path}.`,
    )
  if (!existsSync(honest)) return await whyNothingRuns(jail, attempt)
  return { kind: 'holds' }
}

const PROBE_MS = 20_000

async function inJail(jail: Jail, policy: JailPolicy, command: string[]): Promise<string> {
  const signal = AbortSignal.timeout(PROBE_MS)
  const { child, exited } = spawnJailed(jail, policy, command, {
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (said += chunk))
  await Promise.all([exited, once(child, 'close')])
  return said
}

async function listen(): Promise<AsyncDisposable & { port: number; reached(): boolean }> {
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    socket.on('error', () => {})
    socket.end('in')
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    reached: () => connections > 0,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}

async function whyNothingRuns({ kind }: Jail, output: string): Promise<NoJail> {
  const said = output.split('\n').find((line) => line.startsWith('bwrap:')) ?? output.split('\n')[0] ?? ''
  if (
    kind === 'seatbelt' ||
    !/namespace|uid map|loopback|RTM_NEWADDR|Operation not permitted|Permission denied|No space left/i.test(said)
  ) {
    return none(`Nothing runs inside the jail (${said}).`, 'Mend that, then run the same command again.')
  }
  return none(
    `This system does not let programs make user namespaces, so agents cannot be jailed (${said}).`,
    await howToAllow(),
  )
}

/** Each way a Linux forbids user namespaces has a switch of its own. */
async function howToAllow(): Promise<string> {
  const again = 'then run the same command again.'
  if ((await setting('kernel/apparmor_restrict_unprivileged_userns')) === '1') {
    return `Allow them with \`sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0\`, ${again}`
  }
  if ((await setting('kernel/unprivileged_userns_clone')) === '0') {
    return `Allow them with \`sudo sysctl -w kernel.unprivileged_userns_clone=1\`, ${again}`
  }
  if ((await setting('user/max_user_namespaces')) === '0') {
    return `Allow them with \`sudo sysctl -w user.max_user_namespaces=10000\`, ${again}`
  }
  return `In a container, start it with \`--security-opt seccomp=unconfined --security-opt apparmor=unconfined\` (Docker, Podman), ${again}`
}

const setting = async (name: string): Promise<string | undefined> =>
  (await readFile(join('/proc/sys', name), 'utf8').catch(() => undefined))?.trim()

const none = (problem: string, mend: string): NoJail => ({ kind: 'none', problem, mend })
