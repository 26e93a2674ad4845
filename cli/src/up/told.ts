/** What `up` tells a person: how far it is, and then where the page is, what works there and what to do next. */
import type { House, HouseOptions } from '../house.ts'
import { ANTHROPIC } from '../own.ts'

type Progress = Required<Pick<HouseOptions, 'say' | 'onChange'>> & {
  /** All is up: from now on only what goes wrong is told. */
  done(): void
  /** All is about to go, and nothing of it is news. */
  quiet(): void
}

/** One line that is written over where somebody watches, and few lines where nobody does. */
export function tellProgress(to: Pick<NodeJS.WriteStream, 'write' | 'isTTY'> = process.stderr): Progress {
  let phase: 'starting' | 'up' | 'quiet' = 'starting'
  let last = ''
  const show = (line: string) => {
    if (line === last || phase === 'quiet') return
    last = line
    if (phase === 'starting' && to.isTTY) to.write(`\r\x1b[K${line}`)
    else to.write(`${line}\n`)
  }
  const leave = (next: typeof phase) => {
    if (phase === 'starting' && to.isTTY && last) to.write('\r\x1b[K')
    phase = next
  }
  return {
    say: show,
    onChange({ pids, expected }) {
      const ill = pids.find(({ lastError, pid }) => lastError && pid === null)
      const trouble = ill && `${ill.name} is started again: ${ill.lastError}`
      if (trouble && !(phase === 'starting' && to.isTTY)) return show(trouble)
      if (phase !== 'starting') return
      const up = pids.filter(({ state }) => state === 'running').length
      if (to.isTTY) show(`Starting: ${up} of ${expected} are up${trouble ? ` · ${trouble}` : ''}`)
      else if (pids.length === 1) show(`Starting: ${expected} processes.`)
    },
    done: () => leave('up'),
    quiet: () => leave('quiet'),
  }
}

export function startedText(house: House): string {
  const { project, jail, model, address, busProblem } = house
  const playedBy = model.scripted
  const rows = [
    ['Page', address],
    [project.demo ? 'Demo' : 'Project', `${project.root}, branch ${project.base}`],
    [
      'Model',
      playedBy ? `none: ${playedBy} plays it and needs no key` : `${model.name} by ${model.engine}, with your key`,
    ],
    ...(playedBy || model.upstream === ANTHROPIC ? [] : [['Sent to', `${model.upstream}, which is not Anthropic`]]),
    ['Budget', `$${model.budgetUsd} a story at most`],
    ['Jail', jail.problem === null ? `${jail.kind}: agents write in their worktree and nowhere else` : 'NONE'],
    ['Running', running(house)],
  ]
  return [
    'Sluice is up.',
    ...rows.map(([what = '', is]) => `  ${what.padEnd(8)} ${is}`),
    ...(jail.problem === null ? [] : loud(NO_JAIL, jail.problem)),
    ...(busProblem === null ? [] : loud(OPEN_BUS, busProblem)),
    '',
    `Open the page, or type in another terminal: ${project.demo ? 'npx sluice story list' : 'npx sluice story new "What you want"'}`,
    'Ctrl-C stops all of it; started again it goes on where it was.',
    '',
  ].join('\n')
}

/** `broker · web · implementer ×4` */
function running(house: House): string {
  const counts = new Map<string, number>()
  for (const { name } of house.pids()) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].map(([name, n]) => (n > 1 ? `${name} ×${n}` : name)).join(' · ')
}

const NO_JAIL = 'THERE IS NO JAIL: what agents start runs as you, and can read and change whatever you can.'
const OPEN_BUS = 'THE BROKER BELIEVES ANYBODY: whatever reaches it can approve for you.'

const loud = (what: string, problem: string): string[] => ['', `  !! ${what}`, `  !! ${problem}`]
