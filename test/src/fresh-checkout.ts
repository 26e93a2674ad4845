/** A small checkout with Sluice's own set-up in it, on a machine that has git and an npm which only writes down what it is asked. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { bareMachine } from '@sluice/kit/testing/bare-machine.ts'
import { expect } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** What a whole `npm ci` leaves behind, as far as set-up looks. */
export const INSTALL = `rm -rf node_modules; mkdir -p node_modules/.bin; ln -s '${process.execPath}' node_modules/.bin/node`

export type Outcome = { code: number | null; stdout: string; stderr: string }

export async function freshCheckout() {
  const bare = await bareMachine()
  const root = join(bare.root, 'checkout')
  const write = async (file: string, content: string) => {
    await mkdir(dirname(join(root, file)), { recursive: true })
    await writeFile(join(root, file), content)
  }
  const npm = (script: string) =>
    bare.put('npm', `if [ "$1" = --version ]; then exit 0; fi\necho "$*" >> "$CALLS"\n${script}`)
  const started: ChildProcess[] = []
  const start = (script = 'bin/setup.js', args: string[] = [], env: Record<string, string> = {}) => {
    const child = spawn(process.execPath, [join(root, script), ...args], {
      cwd: root,
      env: { ...bare.machine.env, ...env },
    })
    started.push(child)
    return child
  }

  await cp(join(ROOT, 'bin'), join(root, 'bin'), { recursive: true })
  await cp(join(ROOT, '.ci'), join(root, '.ci'), { recursive: true })
  await write('package.json', '{ "type": "module" }')
  await write('package-lock.json', '{ "lockfileVersion": 3 }')
  await write('ui/src/board.ts', 'a board')
  await bare.put('git', 'echo "git version 2.39.5"')
  await npm(`case "$1" in ci) ${INSTALL} ;; esac`)

  return {
    ...bare,
    write,
    npm,
    start,
    setUp: (...flags: string[]) => outcome(start('bin/setup.js', flags)),
    /** The words of each call but its flags. */
    npmCalls: async () => (await bare.calls()).map((call) => call.replace(/ -\S+/g, '')),
    appears: (file: string) => expect.poll(() => existsSync(join(root, file)), { timeout: 10_000 }).toBe(true),
    [Symbol.asyncDispose]: async () => {
      for (const child of started) child.kill('SIGKILL')
      await bare[Symbol.asyncDispose]()
    },
  }
}

export async function outcome(child: ChildProcess): Promise<Outcome> {
  if (!child.stdout || !child.stderr) throw new Error('nothing is heard of this process')
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exitCode(child)])
  return { code, stdout, stderr }
}

export async function exitCode(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode
  const [code] = await once(child, 'exit')
  return code
}

/** Resolves as soon as the process has said it, on stdout or stderr; fails when it ends without. */
export function said(child: ChildProcess, words: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let heard = ''
    const hear = (chunk: Buffer) => {
      heard += chunk
      if (words.test(heard)) resolve()
    }
    child.stdout?.on('data', hear)
    child.stderr?.on('data', hear)
    child.once('exit', () => reject(new Error(`ended without saying ${words}: ${heard}`)))
  })
}
