/** The command line as a person runs it: a process of its own, its words and its exit code. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const SLUICE = fileURLToPath(new URL('../sluice.ts', import.meta.url))

export type Ran = { code: number | null; stdout: string; stderr: string }

export async function sluice(
  args: string[],
  {
    data,
    env = {},
    stdin = '',
    cwd = process.cwd(),
  }: { data?: string; env?: NodeJS.ProcessEnv; stdin?: string; cwd?: string } = {},
): Promise<Ran> {
  const child = spawn(process.execPath, [SLUICE, ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, TZ: 'UTC', ...(data && { SLUICE_DATA: data }), ...env },
  })
  child.stdin.end(stdin)
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: code as number | null, stdout, stderr }
}
