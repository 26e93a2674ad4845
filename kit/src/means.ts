/** What a role works with, made for one run at a time and opened only when it is used. */

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { EventType } from '@sluice/proto/event.ts'
import type { Event } from '@sluice/proto/events.ts'
import type { Agent, AgentTask } from './agent.ts'
import { artifactClient } from './artifacts.ts'
import { attachedDir } from './attached.ts'
import type { Bus } from './bus.ts'
import { chosenFor } from './choice.ts'
import type { ServiceConfig } from './config.ts'
import { engineOf, gatewayNeeds } from './engines.ts'
import { Refusal } from './errors.ts'
import { deaf } from './hearing.ts'
import { stopIdle } from './idle-turns.ts'
import type { Jail } from './jail.ts'
import type { TerminalSize } from './live-terminal.ts'
import type { Log } from './log.ts'
import { isProgram, type McpServer, notGiven, serversFor } from './mcp/config.ts'
import type { McpWays } from './mcp/server.ts'
import { withServers } from './mcp/with-servers.ts'
import { memoryClient } from './memory.ts'
import { type ModelAccess, openModelAccess } from './model-access.ts'
import { askModels, within } from './model-list.ts'
import type { PermissionRules } from './permits.ts'
import { jailFrom, jailText, resolveJail } from './resolve/jail.ts'
import type { Memory, Role } from './role.ts'
import type { RoleOwn } from './role-own.ts'
import type { EntryKind, Run } from './run.ts'
import type { ServeOptions } from './serve.ts'
import { withAttached, withFiles } from './with-attached.ts'
import { openWorkshop } from './workshop.ts'

type Around = { bus: Bus; config: ServiceConfig; own: RoleOwn; log: Log; dataDir: string }

export async function meansFor<Q extends EventType, C extends EventType>(
  role: Role<Q, C>,
  around: Around,
): Promise<ServeOptions['means']> {
  const { bus, config, own, log, dataDir } = around
  const { web } = config
  if (!web)
    throw new Refusal(
      `The configuration of ${role.name} does not say where artifacts are kept.`,
      'Start Sluice again: it writes it anew.',
    )
  const artifacts = artifactClient(web)
  const memoryOf = ({ projectId }: Event): Memory =>
    role.uses.includes('memory')
      ? memoryClient(bus, { projectId, log })
      : { search: async () => ({ lessons: [], files: [] }) }
  /** Asked for once in a process: what nobody can say now is asked again by the next run. */
  let listed: ReturnType<typeof askModels> | null = null
  const viewOf = async (model: string) => {
    listed ??= config.gateway ? askModels(config.gateway) : null
    const told = await listed
    if (!told || told.problem) listed = null
    return told?.models.find(({ id }) => id === model)
  }
  const found = await resolveJail()
  const jail = jailOf(found, log)

  return async (run, request, _signal, hearing = deaf) => {
    let opened: Promise<ModelAccess> | undefined
    const access = () => {
      opened ??= openAccess(role.name, run, request, around)
      return opened
    }
    const workshop = openWorkshop({
      run,
      jail,
      access,
      dataDir,
      registry: own.registry,
      readable: own.readable,
      services: own.services,
      copy: own.copy,
      // Only who opens a terminal pays for what draws one.
      show: async (size: TerminalSize) =>
        (await import('./live-terminal.ts')).openLiveTerminal(bus, { ...size, storyId: run.storyId, runId: run.id }),
    })
    // An engine takes 0.3 s to import: only a run that has a model call pays for it.
    const asked: Agent = {
      run: async (task) => {
        engine ??= openEngine()
        return (await engine).run(watched(task, run, own.idleTurns))
      },
    }
    const dir = attachedDir(dataDir, run.storyId)
    const agent = withAttached(asked, { request, role: role.name, artifacts, dir })
    let engine: Promise<Agent> | undefined
    const openEngine = async () => {
      const { maxTokens, prices, window } = own
      const { engine: name, ...chosen } = chosenFor(role.name, request, own)
      const carrier = await engineOf(name, own.engines)
      const wished = 'config' in request.data ? request.data.config.mcp?.[role.name] : undefined
      const servers = serversFor(own.mcp, { role: role.name, wished })
      const its: McpServer[] = carrier.startsMcp ? servers.filter(isProgram) : []
      const wanted = { ...chosen, ...(maxTokens && { maxTokens }), ...(window && { window }) }
      const choice = within(wanted, await viewOf(chosen.model))
      const given = {
        run: saying(run, jailText(found)),
        access: await access(),
        choice,
        ...(prices && { prices }),
        hearing: withFiles(hearing, { artifacts, dir }),
        workshop,
        artifacts,
        mcp: its,
        permissions: permissionsOf(role.name, request, { own, jail }),
        log,
      }
      const beside = servers.filter((server) => !its.includes(server))
      mcp = withServers(await carrier.open(given), {
        ...{ servers: beside, notGiven: notGiven(own.mcp, wished) },
        ...{ ways: mcpWays, run, log },
      })
      return mcp
    }
    let mcp: ReturnType<typeof withServers> | undefined
    /** In the worktree where there is one, else in a directory with nothing in it. */
    const mcpWays = async ({ place }: AgentTask): Promise<McpWays> => {
      const { jail, policy } = place ?? (await workshop.jailed(await emptyDir(run)))
      return { jail, policy, access: await access(), started: workshop.started }
    }
    return {
      ...{ agent, memory: memoryOf(request), artifacts, workshop },
      over: () => void opened?.then((access) => access.over?.()).catch(() => undefined),
      async [Symbol.asyncDispose]() {
        await mcp?.[Symbol.asyncDispose]()
        await workshop[Symbol.asyncDispose]()
        await (await opened?.catch(() => undefined))?.[Symbol.asyncDispose]()
      },
    }
  }
}

/** Who has a tree to change and keeps what each turn changed is stopped when turns go by and nothing does. */
function watched<T extends AgentTask>(task: T, run: Run, most: number): T {
  const { onTurn, place } = task
  if (!onTurn || !place) return task
  return {
    ...task,
    async onTurn(turn) {
      await onTurn(turn)
      await stopIdle(run, turn, most)
    },
  }
}

async function openAccess(role: string, run: Run, request: Event, { config, own }: Around): Promise<ModelAccess> {
  if (!config.gateway)
    throw new Refusal('There is no gateway to a model.', 'Start Sluice again: it writes the configuration anew.')
  const budgetUsd = 'budgetUsd' in request.data ? request.data.budgetUsd : 0
  const limits = 'limits' in request.data ? request.data.limits : undefined
  const { id: runId, storyId, attempt, chain } = run
  const who = { storyId, role, runId, attempt, replica: process.env.SLUICE_REPLICA ?? '1' }
  const lines = { budgetUsd, ...(limits && { limits }), ...(chain?.length ? { continues: chain } : {}) }
  const { login, egress } = gatewayNeeds(chosenFor(role, request, own).engine, own.engines)
  return openModelAccess(config.gateway, {
    ...who,
    ...lines,
    ...(login && { login }),
    egress: [...own.egress, ...own.services, ...egress],
  })
}

/** The role's own policy before that of all roles; without a jail nothing changes anything unasked. */
function permissionsOf(role: string, { data }: Event, { own, jail }: { own: RoleOwn; jail: Jail }): PermissionRules {
  const usual = jail.kind === 'none' ? 'ask' : 'all'
  return {
    policy: own.permissions[role] ?? own.permissions['*'] ?? usual,
    waitMs: own.permissionSeconds * 1_000,
    decided: ('permissions' in data ? data.permissions : undefined) ?? [],
  }
}

/** Whichever engine says who works, what held it stands beside. */
const saying = (run: Run, jail: string): Run =>
  Object.create(run, {
    append: {
      value: (kind: EntryKind, data: object) => run.append(kind, kind === 'session' ? { ...data, jail } : data),
    },
  })

async function emptyDir(run: Run): Promise<string> {
  const dir = join(run.dir, 'empty')
  await mkdir(dir, { recursive: true })
  return dir
}

function jailOf(found: Awaited<ReturnType<typeof resolveJail>>, log: Log): Jail {
  if (found.kind === 'none')
    log.warn({ problem: found.problem, mend: found.mend }, 'no jail: commands of agents run as you')
  return jailFrom(found)
}
