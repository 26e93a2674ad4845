/** A machine with nothing on it but a shell's own tools and the programs a test puts there. */
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Machine } from '../resolve/machine.ts'

const BASICS = ['cat', 'chmod', 'cp', 'echo', 'env', 'kill', 'ln', 'ls', 'mkdir', 'rm', 'sh', 'sleep', 'touch']

export type BareMachine = AsyncDisposable & {
  root: string
  /** Its one directory of programs: PATH is nothing else. */
  bin: string
  machine: Machine
  /** What the resolvers said meanwhile. */
  said: string[]
  put(program: string, script: string): Promise<string>
  link(program: string, to: string): Promise<void>
  /** The lines that programs have appended to `$CALLS`. */
  calls(): Promise<string[]>
}

export async function bareMachine(): Promise<BareMachine> {
  const root = await mkdtemp(join(tmpdir(), 'slc-bare-'))
  const [bin, home, log] = [join(root, 'bin'), join(root, 'home'), join(root, 'calls')]
  await Promise.all([mkdir(bin), mkdir(home), writeFile(log, '')])
  await Promise.all(BASICS.map((name) => symlink(join('/bin', name), join(bin, name))))
  const said: string[] = []
  const put = async (program: string, script: string) => {
    await writeFile(join(bin, program), `#!/bin/sh\n${script}\n`)
    await chmod(join(bin, program), 0o755)
    return join(bin, program)
  }
  return {
    root,
    bin,
    said,
    put,
    link: async (program, to) => symlink(to, join(bin, program)),
    calls: async () => (await readFile(log, 'utf8')).split('\n').filter(Boolean),
    machine: {
      // Nothing listens there: what a test fetches it serves itself.
      env: { PATH: bin, HOME: home, CALLS: log, SLUICE_NATS_RELEASES: 'http://127.0.0.1:1' },
      platform: 'linux',
      arch: 'x64',
      cache: join(root, 'cache'),
      usualPlaces: [],
      say: (line) => said.push(line),
    },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  }
}
