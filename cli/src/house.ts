/** A house: one running Sluice on one data directory and one repository, from the broker to the page. */
import { join } from 'node:path'
import { prepareBroker } from '@sluice/kit/broker.ts'
import { type Bus, connectBus } from '@sluice/kit/bus.ts'
import { cacheDir } from '@sluice/kit/paths.ts'
import { programFile } from '@sluice/kit/program-file.ts'
import type { Found } from '@sluice/kit/resolve/tool.ts'
import { roles } from '@sluice/kit/roles.ts'
import { answerCommands } from './answer-commands.ts'
import { brokerUrl, busPassword, originOf } from './bus-files.ts'
import type { ChildView } from './child.ts'
import { type Env, keyEnv, plainEnv } from './child-env.ts'
import { type Crew, openCrew } from './crew.ts'
import { guarded } from './guard.ts'
import { layHouse } from './lay-house.ts'
import { type DemoStories, ENGINE, type JailMark, type Project, upstreamUrl } from './own.ts'
import type { Plan } from './plan.ts'
import { ROOT, services } from './services.ts'
import type { Settings } from './settings.ts'

export type HouseOptions = {
  dataDir: string
  /** The base of its stories is the branch that is checked out there. */
  repository: string
  demo?: boolean
  /** The only stories it takes. */
  demoStories?: DemoStories
  /** The page's port: this one or none. */
  port?: number
  implementers?: number
  settings?: Settings
  ackWaitMs?: number
  /** Where model calls go, with this key alone; otherwise what the environment says. */
  upstream?: { url: string; key: string }
  /** A program of the checkout that plays the model, and what to call it wherever it shows. */
  scripted?: { program: string; args: string[]; label: string }
  busUrlFor?: (user: string) => string
  /** Only these services are started. */
  only?: readonly string[]
  /** Broker and services are run by something else (Docker, systemd): six ports from this one on are theirs, and nothing is started. */
  elsewhere?: { firstPort: number }
  env?: Env
  /** Told, in a few words, of whatever takes longer than a moment. */
  say?: (line: string) => void
  /** Told whenever something that runs came up or went; `expected` is how many there will be. */
  onChange?: (now: { pids: ChildView[]; expected: number }) => void
}

export type House = AsyncDisposable & {
  /** Page, broker, orchestrator and every role are up; rejects when one of them says that it cannot start. */
  ready: Promise<void>
  origin: string
  token: string
  /** The page's address with its token. */
  address: string
  project: Project
  jail: JailMark
  /** `scripted`: what plays it where no model does. */
  model: { engine: string; name: string; scripted: string | null; upstream: string; budgetUsd: number }
  pids(): ChildView[]
  /** As many replicas of a role as wanted; resolves when they are up, or gone. */
  scale(name: string, replicas: number): Promise<void>
}

export async function openHouse(options: HouseOptions): Promise<House> {
  await using stack = new AsyncDisposableStack()
  const { dataDir: dir } = options
  const { plan, brokerFile } = await layHouse(options, stack)

  const pids = () => crew.views()
  const expected = wantedOf(plan).reduce((sum, { replicas }) => sum + replicas, options.scripted ? 2 : 1)
  const onChange = () => options.onChange?.({ pids: pids(), expected })
  const crew: Crew = stack.use(openCrew({ dir, envOf, onChange }))
  const played = options.scripted && runModel(crew, plan, options.scripted)
  if (plan.broker) await runBroker(crew, plan.broker, brokerFile)
  const bus = stack.use(await connectSupervisor(plan))
  await prepareBroker(bus.nc, roles, { ackWaitMs: plan.ackWaitMs, allHandsEmpty: true })
  answerCommands(bus, pids, plan.broker?.version ?? bus.nc.info?.version ?? '')

  const ready = Promise.all([played, startServices(crew, plan)]).then(() => undefined)
  ready.catch(() => undefined)
  const origin = originOf(plan.ports)
  const { token, project, jail, settings, scripted } = plan
  const model = {
    engine: ENGINE,
    name: settings.model,
    scripted,
    upstream: upstreamUrl(plan),
    budgetUsd: settings.budget.usd,
  }
  const opened = stack.move()
  return {
    ...{ ready, origin, token, address: `${origin}/?token=${token}`, project, jail, model, pids },
    scale: (name, replicas) => crew.scale(serviceNamed(name), replicas),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }

  /** The real key is the gateway's, and not even its when the upstream brings one. */
  function envOf(user: string): Record<string, string> {
    // Halves what a service takes to start (measured); a directory that cannot be written changes nothing.
    const compiled = { NODE_COMPILE_CACHE: join(cacheDir(plan.env), 'compiled') }
    return { ...plainEnv(plan.env), ...compiled, ...(user === 'llm-gateway' && !plan.upstream && keyEnv(plan.env)) }
  }
}

const runBroker = (crew: Crew, broker: Found, file: string): Promise<void> =>
  crew.runProgram({
    ...{ name: 'broker', argv: guarded([broker.path, '-c', file]) },
    isReady: ({ said }) => said.includes('Server is ready'),
  })

const runModel = (crew: Crew, { ports }: Plan, { program, args }: { program: string; args: string[] }) =>
  crew.runProgram({
    ...{
      name: 'model',
      argv: [process.execPath, join(ROOT, programFile(program)), '--port', String(ports.model), ...args],
    },
    isReady: ({ said }) => said.includes('"url"'),
  })

const connectSupervisor = ({ ports, keys }: Plan): Promise<Bus> =>
  connectBus({ url: brokerUrl(ports), user: 'supervisor', password: busPassword(keys, 'supervisor') })

const wantedOf = ({ broker, only, implementers }: Plan) =>
  services
    .filter(({ name }) => broker !== null && (only?.includes(name) ?? true))
    .map((service) => ({ service, replicas: service.name === 'implementer' ? implementers : 1 }))

/** The page and who decides first: two cores start few processes quickly and many slowly. */
async function startServices(crew: Crew, plan: Plan): Promise<void> {
  const wanted = wantedOf(plan)
  const isFirst = ({ service }: (typeof wanted)[number]) => ['web', 'orchestrator'].includes(service.name)
  const start = (some: typeof wanted) => Promise.all(some.map(({ service, replicas }) => crew.scale(service, replicas)))
  await start(wanted.filter(isFirst))
  await start(wanted.filter((one) => !isFirst(one)))
}

function serviceNamed(name: string) {
  const service = services.find((one) => one.name === name)
  if (!service) throw new Error(`There is no service ${name}.`)
  return service
}
