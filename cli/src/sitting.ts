/** Who is to sit in a seat, as it is typed: a command after `--`, one of Sluice's own, or somebody the person starts. */
import type { SeatView } from '@sluice/proto/rest.ts'
import type { Sitting } from '@sluice/proto/seat.ts'
import { type HouseOptions, houseOptions, readArgs } from './args.ts'
import { Misuse } from './misuse.ts'
import { plain } from './terminal.ts'

export const WHO = '(-- COMMAND… | --external | --builtin NAME)'

export type SeatArgs = { seat: string; sitting: Sitting; values: HouseOptions }

/** The command runs where it was typed. */
export function readSeat(args: string[], usage: string): SeatArgs {
  const end = args.indexOf('--')
  const command = end === -1 ? [] : args.slice(end + 1)
  const { values, positionals } = readArgs(end === -1 ? args : args.slice(0, end), {
    ...{ usage, words: ['SEAT'] },
    options: { ...houseOptions, external: { type: 'boolean' }, builtin: { type: 'string' } },
  })
  const { external, builtin, ...house } = values
  const directory = process.env.INIT_CWD ?? process.cwd()
  const chosen: Sitting[] = [
    ...(command.length > 0 ? [{ kind: 'command', command, directory } as const] : []),
    ...(external ? [{ kind: 'external' } as const] : []),
    ...(builtin !== undefined ? [{ kind: 'builtin', program: builtin } as const] : []),
  ]
  const [sitting] = chosen
  if (!sitting || chosen.length > 1) throw new Misuse(`Say who is to sit there, one of the three. Usage: ${usage}`)
  return { seat: positionals[0] ?? '', sitting, values: house }
}

export function sittingText(sitting: Sitting): string {
  if (sitting.kind === 'command') return plain(sitting.command.join(' '))
  return sitting.kind === 'builtin' ? `Sluice’s own ${sitting.program}` : 'somebody you start yourself'
}

/** What the person does next. */
export function nextSteps({ sitting, state, file }: SeatView): string[] {
  if (sitting.kind === 'external')
    return [
      `All it needs to take the seat is in ${file}: an address and a password for the bus, and a token for REST.`,
      'Start it when you like; what is asked of the seat waits for it. A new Sluice may have other ports: read the file at every start.',
    ]
  if (sitting.kind === 'command' && state !== 'running')
    return ['It is being started: `sluice services` says how it does, and its last words if it ends.']
  return []
}
