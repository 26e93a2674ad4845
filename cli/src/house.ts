/** A house: one running Sluice on one data directory and one repository, from the broker to the page. */
import { join } from 'node:path'
import { prepareBroker } from '@sluice/kit/broker.ts'
import { type Bus, connectBus } from '@sluice/kit/bus.ts'
import { programFile } from '@sluice/kit/program-file.ts'
import type { Found } from '@sluice/kit/resolve/tool.ts'
import { answerCommands } from './answer-commands.ts'
import { brokerFile } from './bus-files.ts'
import { confirmForeign } from './bus-place.ts'
import type { ChildView } from './child.ts'
import type { Env } from './child-env.ts'
import { type Crew, openCrew } from './crew.ts'
import { guarded } from './guard.ts'
import { jobsOf, ownEnv } from './jobs.ts'
import { layHouse } from './lay-house.ts'
import { type DemoStories, type JailMark, type Project, upstreamUrl } from './own.ts'
import type { Plan } from './plan.ts'
import { originOf } from './ports.ts'
import { scale } from './scaling.ts'
import { staffOf } from './seats/staff.ts'
import { busPassword } from './secrets.ts'
import { ROOT } from './services.ts'
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
  /** Broker and services are run by something else (Docker, systemd): six ports from this one on are theirs, and nothing is started. */
  elsewhere?: { firstPort: number }
  /** A broker of somebody else's is used although it lets anybody say anything. */
  trustBus?: boolean
  /** Only these services are started. */
  only?: readonly string[]
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
  /** What the broker lets anybody do who must not, where it is somebody else's and trusted all the same. */
  busProblem: string | null
  /** `scripted`: what plays it where no model does. */
  model: { engine: string; name: string; scripted: string | null; upstream: string; budgetUsd: number }
  pids(): ChildView[]
  /** As many replicas of a role as wanted; resolves when they are up, or gone. */
  scale(name: string, replicas: number): Promise<void>
}

export async function openHouse(options: HouseOptions): Promise<House> {
  await using stack = new AsyncDisposableStack()
  const plan = await layHouse(options, stack)

  const pids = () => crew.views()
  const expected = wantedOf(plan).reduce((sum, { replicas }) => sum + replicas, options.scripted ? 2 : 1)
  const onChange = () => options.onChange?.({ pids: pids(), expected })
  const crew: Crew = stack.use(openCrew({ dir: plan.dir, onChange }))
  const played = options.scripted && runModel(crew, plan, options.scripted)
  if (plan.broker) await runBroker(crew, plan, plan.broker)
  else if (!plan.elsewhere) await confirmForeign(plan, options.trustBus ?? false)
  const bus = stack.use(await connectSupervisor(plan))
  await prepareBroker(bus.nc, staffOf(plan.seats), { ackWaitMs: plan.ackWaitMs, allHandsEmpty: true })
  answerCommands({ bus, plan, crew })

  const ready = Promise.all([played, startServices(crew, plan)]).then(() => undefined)
  ready.catch(() => undefined)
  const origin = originOf(plan.ports)
  const { token, project, jail, settings, scripted } = plan
  const model = {
    engine: settings.engine,
    name: settings.model,
    scripted,
    upstream: upstreamUrl(plan),
    budgetUsd: settings.budget.usd,
  }
  const opened = stack.move()
  return {
    ...{ ready, origin, token, address: `${origin}/?token=${token}`, project, jail, model, pids },
    busProblem: plan.bus.problem,
    async scale(name, replicas) {
      await scale(plan, crew, { name, replicas })
      await crew.ready(name)
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

const runBroker = (crew: Crew, plan: Plan, { path }: Found): Promise<void> =>
  crew.runProgram({
    ...{ name: 'broker', env: ownEnv(plan, 'broker') },
    argv: guarded([path, '-c', brokerFile(plan.dir)]),
    isReady: ({ said }) => said.includes('Server is ready'),
  })

const runModel = (crew: Crew, plan: Plan, { program, args }: { program: string; args: string[] }) =>
  crew.runProgram({
    ...{ name: 'model', env: ownEnv(plan, 'model') },
    argv: [process.execPath, join(ROOT, programFile(program)), '--port', String(plan.ports.model), ...args],
    isReady: ({ said }) => said.includes('"url"'),
  })

const connectSupervisor = ({ bus, keys }: Plan): Promise<Bus> =>
  connectBus({ url: bus.url, user: 'supervisor', password: busPassword(keys, 'supervisor') })

const wantedOf = (plan: Plan) =>
  (plan.elsewhere ? [] : jobsOf(plan))
    .filter(({ name }) => plan.only?.includes(name) ?? true)
    .map((job) => ({ job, replicas: job.isRole ? plan.replicas.of(job.name) : 1 }))

/** The page and who decides first: two cores start few processes quickly and many slowly. */
async function startServices(crew: Crew, plan: Plan): Promise<void> {
  const wanted = wantedOf(plan)
  const isFirst = ({ job }: (typeof wanted)[number]) => ['web', 'orchestrator'].includes(job.name)
  const start = async (some: typeof wanted) => {
    await Promise.all(some.map(({ job, replicas }) => crew.scale(job, replicas)))
    // Somebody else's program that cannot start is its seat's trouble: all else is up, and another one can be put there.
    await Promise.all(some.filter(({ job }) => job.readyAt !== null).map(({ job }) => crew.ready(job.name)))
  }
  await start(wanted.filter(isFirst))
  await start(wanted.filter((one) => !isFirst(one)))
}
