/** Who does the story of the bench: an engine in Sluice's jail, or a program of somebody else alone in a directory. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { anthropic } from '@sluice/kit/agents/anthropic.ts'
import { claudeCodeEngine } from '@sluice/kit/agents/claude-code/claude-code.ts'
import { ClaudeCodeSettings } from '@sluice/kit/agents/claude-code/settings.ts'
import { agentsPlace } from '@sluice/kit/resolve/agents.ts'
import { type EngineSubject, engineWorld } from '@sluice/kit/testing/engine-world.ts'
import { type RecordedRequest, startMessagesApi } from '@sluice/kit/testing/messages-api.ts'
import { type ScriptedModel, tool } from '@sluice/kit/testing/messages-script.ts'
import { testRepository } from '@sluice/kit/testing/repository.ts'
import { Absent } from '../peers/fetched.ts'
import { projectFiles, prompt, type Steps, scriptFor, type Vocabulary } from './work.ts'

export const MODEL = 'claude-opus-5-5'
const LONGEST_MS = 600_000

/** `changed`: the files of the project that are not as they were; who did nothing counts for nothing. */
export type Story = { requests: RecordedRequest[]; seconds: number; changed: number }
export type Worker = { name: string; what: string; work(steps: Steps): Promise<Story> }

const builtIn: EngineSubject = {
  engine: anthropic,
  hostTool: (name) => name,
  write: (path, content) => tool('write', { path, content }),
  shell: (command) => tool('shell', { command }),
  repeats: 0,
}

export const sluiceAnthropic: Worker = {
  name: 'anthropic',
  what: 'the built-in engine: jail, run socket and journal as a role has them',
  work: (steps) =>
    inSluice(builtIn, steps, () => ({
      read: (path) => tool('read', { path }),
      edit: (path, old, fresh) => tool('edit', { path, old, new: fresh }),
      run: (command) => tool('shell', { command }),
      finish: () => tool('submit', { verdict: 'good' }),
    })),
}

export const sluiceClaude: Worker = {
  name: 'claude-code',
  what: 'Claude Code of the person as an engine: on a terminal, in the jail, journaled as a role has it',
  async work(steps) {
    const engine = claudeCodeEngine(ClaudeCodeSettings.parse({ command: [await claudeProgram()] }))
    const hostTool = (name: string) => `mcp__sluice__${name}`
    return inSluice({ ...builtIn, engine, hostTool }, steps, (root) => ({
      ...handsOfClaude(root),
      finish: () => tool(hostTool('submit'), { verdict: 'good' }),
    }))
  },
}

async function inSluice(subject: EngineSubject, steps: Steps, wordsIn: (root: string) => Vocabulary): Promise<Story> {
  let script: ScriptedModel = () => 'Nothing is asked yet.'
  await using at = await engineWorld(subject, (request, signal) =>
    script(request, { conversation: [], headers: {}, signal }),
  )
  script = scriptFor(wordsIn(at.repo.root), steps)
  await at.repo.commit(projectFiles(steps))
  const began = performance.now()
  await at.attempt(at.run(), ({ tools, reading }) => ({
    system: 'You mend a project.',
    prompt: [{ type: 'text', text: prompt }],
    tools: [...tools, ...reading],
  }))
  return { requests: at.api.requests, seconds: (performance.now() - began) / 1000, changed: changedIn(at.repo) }
}

const handsOfClaude = (root: string): Omit<Vocabulary, 'finish'> => ({
  read: (path) => tool('Read', { file_path: join(root, path) }),
  edit: (path, old, fresh) => tool('Edit', { file_path: join(root, path), old_string: old, new_string: fresh }),
  run: (command) => tool('Bash', { command, description: 'Checks' }),
})

export const claudeAlone: Worker = {
  name: 'claude alone',
  what: 'Claude Code of the person by `claude -p`, in a directory, without Sluice',
  async work(steps) {
    const program = await claudeProgram()
    await using repo = await testRepository()
    await repo.commit(projectFiles(steps))
    const words: Vocabulary = { ...handsOfClaude(repo.root), finish: () => 'All parts are mended.' }
    await using api = await startMessagesApi({ model: scriptFor(words, steps) })
    const env = {
      ...{ PATH: process.env.PATH, HOME: repo.dir, ANTHROPIC_BASE_URL: api.url, ANTHROPIC_API_KEY: 'bench' },
      // Root may bypass its questions only where it is told that it is in a sandbox already.
      ...{ IS_SANDBOX: '1', DISABLE_AUTOUPDATER: '1', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' },
    }
    const args = ['-p', prompt, '--model', MODEL, '--permission-mode', 'bypassPermissions']
    const began = performance.now()
    const child = spawn(program, args, { cwd: repo.root, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: LONGEST_MS })
    const said = Promise.all([text(child.stdout), text(child.stderr)])
    const [code] = (await once(child, 'close')) as [number | null]
    if (code !== 0) throw new Absent(`It ended with ${code}: ${(await said).join(' ').slice(-300)}`)
    return { requests: api.requests, seconds: (performance.now() - began) / 1000, changed: changedIn(repo) }
  },
}

const changedIn = (repo: { git(args: string[]): string }): number =>
  repo.git(['status', '--porcelain', '--', 'src']).split('\n').filter(Boolean).length

/** The person's, else the one that tests drive. */
async function claudeProgram(): Promise<string> {
  const named = process.env.SLUICE_CLAUDE
  const path = (process.env.PATH ?? '').split(delimiter)
  const dirs = [...path, join(agentsPlace(), 'node_modules', '.bin')]
  for (const place of named ? [named] : dirs.map((dir) => join(dir, 'claude'))) {
    const runs = await access(place, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (runs) return place
  }
  throw new Absent(
    'There is no `claude` on PATH and none among the agents for tests (node bin/setup.js --agents), and SLUICE_CLAUDE names none.',
  )
}
