/** Whether an agent works here: its program found, started in a jail, greeted, and a session opened. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Probe } from '../../engine.ts'
import { Pause, Refusal } from '../../errors.ts'
import type { Jail } from '../../jail.ts'
import { jailFrom, resolveJail } from '../../resolve/jail.ts'
import { startAgent } from './agent-process.ts'
import type { AcpConfig } from './config.ts'

export async function probeAgent(name: string, config: AcpConfig): Promise<Probe> {
  const found = await resolveJail()
  if (found.kind === 'none')
    return { ok: false, problem: `${found.problem} ${name} works in a jail only.`, mend: found.mend }
  const jail = jailFrom(found)
  const dir = await mkdtemp(join(tmpdir(), 'slc-probe-'))
  try {
    return await tried(name, config, { jail, dir })
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

async function tried(name: string, config: AcpConfig, { jail, dir }: { jail: Jail; dir: string }): Promise<Probe> {
  try {
    await using agent = await startAgent({
      ...{
        name,
        config,
        model: 'claude-opus-5-5',
        hasPlace: false,
        files: null,
        mcp: { servers: [], readable: [] },
        asks: false,
        hosted: false,
      },
      place: { dir, jail, policy: { worktree: dir } },
      home: join(dir, 'home'),
      started: () => undefined,
      onUpdate: () => undefined,
      decide: async () => null,
      over: new AbortController().signal,
    })
    await agent.begin()
    return { ok: true, version: `${agent.info.name} ${agent.info.version}` }
  } catch (error) {
    if (error instanceof Refusal)
      return { ok: false, problem: error.message.slice(0, -error.mend.length).trim(), mend: error.mend }
    if (error instanceof Pause && error.waiting.kind === 'account')
      return { ok: false, problem: error.waiting.problem, mend: `Set a key in \`engines.${name}.env\`.` }
    const problem = error instanceof Error ? error.message : String(error)
    return {
      ok: false,
      problem,
      mend: `Look at \`engines.${name}.command\`: it must start an agent of the Agent Client Protocol on standard input and output.`,
    }
  }
}
