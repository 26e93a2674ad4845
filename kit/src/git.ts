/** Runs git: the one place that starts the program, with explicit directories and nothing inherited that could make it run something else. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where one git command works. Git discovers nothing by itself: a `.git` file an agent has replaced is never read. */
export type GitPlace = {
  gitDir: string
  workTree?: string
  /** Added to the clean environment, e.g. `GIT_INDEX_FILE`. */
  env?: Record<string, string>
  /** `env` is the whole environment, with the config files it leads to: only for the person's own working tree. */
  person?: boolean
}

export type GitOptions = {
  input?: string | Buffer
  signal?: AbortSignal
  /** Exit codes besides 0 that are an answer, not an error. */
  ok?: number[]
  /** Goes on to its end when we are killed or Ctrl-C is pressed: a process group of its own, and no pipe of ours to write to. */
  detached?: boolean
}

export type GitResult = { code: number; stdout: Buffer; stderr: string }

/** Git said no. What it means is for the caller to know, so this is no `TerminalError`. */
export class GitError extends Error {
  override name = 'GitError'
  readonly code: number
  readonly stderr: string

  constructor(args: string[], { code, stderr }: Pick<GitResult, 'code' | 'stderr'>) {
    super(`git ${args[0]} ended with ${code}: ${stderr.trim() || 'no message'}`)
    this.code = code
    this.stderr = stderr
  }
}

/** What a configuration could start, off; config given this way outranks every file (git-config(1), "-c"). */
export const NOTHING_RUNS = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.pager=cat',
  'core.editor=false',
  'protocol.ext.allow=never',
  'submodule.recurse=false',
  'gc.auto=0',
  'maintenance.auto=false',
]

/** One git command. Throws `GitError` on any exit code but 0 and those in `ok`. */
export async function git(place: GitPlace, args: string[], options: GitOptions = {}): Promise<GitResult> {
  const [program = 'git', ...rest] = commandLine(args)
  await using messages = options.detached ? await unnamedFile() : undefined
  const child = spawn(program, rest, {
    cwd: place.workTree ?? place.gitDir,
    env: environment(place),
    stdio: ['pipe', 'pipe', messages?.fd ?? 'pipe'],
    detached: options.detached ?? false,
    ...(options.signal && { signal: options.signal }),
  })
  // Git may answer and leave before it has read all of its input; its exit code tells whether that was an error.
  child.stdin?.on('error', () => {})
  child.stdin?.end(options.input ?? '')

  const [stdout, piped, [code]] = await Promise.all([bytes(child.stdout), bytes(child.stderr), once(child, 'close')])
  const stderr = messages ? await messages.read() : piped.toString()
  const result = { code: typeof code === 'number' ? code : 128, stdout, stderr }
  if (result.code !== 0 && !options.ok?.includes(result.code)) throw new GitError(args, result)
  return result
}

/** What is started for one git command, wherever it runs. */
export const commandLine = (args: string[]): string[] => [
  ...['git', '--no-pager', '--literal-pathspecs'],
  ...NOTHING_RUNS.flatMap((setting) => ['-c', setting]),
  ...args,
]

/** What git printed, without the line's end. */
export async function gitText(place: GitPlace, args: string[], options?: GitOptions): Promise<string> {
  return (await git(place, args, options)).stdout.toString().replace(/\n$/, '')
}

/** What git printed with `-z`: names may hold anything but NUL. */
export async function gitRecords(place: GitPlace, args: string[], options?: GitOptions): Promise<string[]> {
  return records((await git(place, args, options)).stdout)
}

/** Splits output of `-z`. */
export const records = (output: Buffer): string[] => output.toString().split('\0').slice(0, -1)

/** Joins names for `--stdin -z`. */
export const nulEnded = (names: string[]): string => names.map((name) => `${name}\0`).join('')

/** The whole environment of git at a place. */
export function environment({ gitDir, workTree, env, person }: GitPlace): NodeJS.ProcessEnv {
  const directories = { GIT_DIR: gitDir, ...(workTree && { GIT_WORK_TREE: workTree }) }
  return person ? { ...env, ...SILENT, ...directories } : { ...CLEAN, ...path(), ...directories, ...env }
}

/** No question, and no progress among the messages. */
const SILENT = { GIT_TERMINAL_PROMPT: '0', GIT_PROGRESS_DELAY: '86400' }

/** Nothing of ours, the system's or the person's leaks in; nothing asks, nothing is fetched. */
const CLEAN = {
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_ATTR_NOSYSTEM: '1',
  ...SILENT,
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_NO_LAZY_FETCH: '1',
}

const path = () => (process.env.PATH === undefined ? {} : { PATH: process.env.PATH })

async function bytes(stream: AsyncIterable<Buffer> | null): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream ?? []) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** A file that is gone when the last who has it open ends: git reports its progress to it whether or not we are still there to read. */
async function unnamedFile(): Promise<AsyncDisposable & { fd: number; read(): Promise<string> }> {
  const path = join(tmpdir(), `sluice-${crypto.randomUUID()}`)
  const file = await open(path, 'wx+', 0o600)
  await unlink(path)
  const read = async () => {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(MESSAGES_BYTES), position: 0 })
    return buffer.toString('utf8', 0, bytesRead)
  }
  return { fd: file.fd, read, [Symbol.asyncDispose]: () => file.close() }
}

const MESSAGES_BYTES = 65_536
