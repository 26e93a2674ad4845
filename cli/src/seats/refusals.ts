/** Why a seat cannot be had that way: said in one sentence with its mend, before anything has changed. */
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, isAbsolute, join, resolve } from 'node:path'
import { Refusal } from '@sluice/kit/errors.ts'
import { otherUsers } from '@sluice/kit/permissions.ts'
import { reviewers, roles } from '@sluice/kit/roles.ts'
import { checksSeat } from '@sluice/proto/pipeline.ts'
import type { Sitting } from '@sluice/proto/seat.ts'
import type { Env } from '../child-env.ts'
import type { SeatBook } from './seat-book.ts'
import { programNamed } from './staff.ts'

const SEAT_NAME = /^[a-z][a-z0-9-]{0,39}$/

/** Bus users, processes and words that a seat of the same name would be taken for. */
const taken = new Set([
  ...roles.filter((role) => !reviewers.includes(role)).map(({ name }) => name),
  ...Object.keys(otherUsers),
  ...['broker', 'model', 'telemetry', 'seat', 'person', 'constructor'],
])

export function refuseName(seat: string): void {
  if (!SEAT_NAME.test(seat))
    throw new Refusal(
      `${JSON.stringify(seat)} cannot name a seat.`,
      'Take up to 40 lower-case letters, digits and hyphens, a letter first.',
    )
  if (taken.has(seat)) throw new Refusal(`${seat} is the name of a service.`, 'Name the seat otherwise.')
}

export function refuseChecks(seat: string): void {
  if (seat !== checksSeat) return
  throw new Refusal(
    'The seat checks cannot change hands: it runs the project’s own checks, and nothing lands without them.',
    'Add a seat of another name beside it, or change the checks in `sluice.yaml`.',
  )
}

export function sittingIn(seats: SeatBook, seat: string): Sitting {
  const sitting = seats.get(seat)
  if (sitting) return sitting
  const names = seats.all().map((one) => one.seat)
  throw new Refusal(
    `There is no seat ${seat}.`,
    `There are ${names.join(', ')}; \`sluice reviewer add\` makes another.`,
  )
}

/** Whoever it is can be started. */
export function refuseSitting(sitting: Sitting, env: Env): void {
  if (sitting.kind === 'builtin') refuseProgram(sitting.program)
  if (sitting.kind === 'command') refuseCommand(sitting, env)
}

function refuseProgram(program: string): void {
  if (programNamed(program) && program !== checksSeat) return
  const others = reviewers.map(({ name }) => name).filter((name) => name !== checksSeat)
  throw new Refusal(
    `No reviewer ${program} comes with Sluice that could sit there.`,
    `Name one of ${others.join(', ')}.`,
  )
}

function refuseCommand({ command, directory }: Extract<Sitting, { kind: 'command' }>, env: Env): void {
  if (!isAbsolute(directory) || !statSync(directory, { throwIfNoEntry: false })?.isDirectory())
    throw new Refusal(`${directory} is no directory.`, 'Say from where the command is to run, by its whole path.')
  if (command.some((word) => word.includes('\0')))
    throw new Refusal('The command holds a NUL character, which no program can be given.', 'Leave it out.')
  const [program = ''] = command
  const places = program.includes('/')
    ? [resolve(directory, program)]
    : (env.PATH ?? '').split(delimiter).map((place) => join(place, program))
  if (!places.some(isProgram))
    throw new Refusal(
      `There is no program ${program} that could be run.`,
      program.includes('/')
        ? `Look whether ${places[0]} is there and may be executed.`
        : 'Name it by its path, or start Sluice with a PATH that has it.',
    )
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
