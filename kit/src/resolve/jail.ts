/** Finds the jail of this machine, fetches it where need be, and finds out whether it really shuts anything in. */
import { Refusal } from '../errors.ts'
import type { Jail as HeldBy } from '../jail.ts'
import { type Machine, thisMachine } from './machine.ts'
import { type NoJail, probeJail } from './probe-jail.ts'
import { type Found, resolveTool, type Tool } from './tool.ts'

const BUBBLEWRAP: Tool = {
  program: 'bwrap',
  package: 'bubblewrap',
  file: 'usr/bin/bwrap',
  versionFlag: '--version',
  // --clearenv came with 0.5.
  floor: [0, 5],
  install: {
    linux: 'Install bubblewrap (Debian, Ubuntu: sudo apt-get install bubblewrap), then run the same command again.',
  },
}

export type Jail = ({ kind: 'bwrap' } & Found) | { kind: 'seatbelt' } | NoJail

/** As commands are started in it. */
export function jailFrom(found: Jail): HeldBy {
  if (found.kind === 'bwrap') return { kind: 'bubblewrap', path: found.path }
  return found.kind === 'seatbelt' ? { kind: 'seatbelt' } : { kind: 'none', problem: found.problem }
}

/** What the probe found, for people: in doctor, on the page, with every run. */
export function jailText(jail: Jail): string {
  if (jail.kind === 'bwrap')
    return `bubblewrap ${jail.version} held an attempt to write, read, connect and look out of it`
  if (jail.kind === 'seatbelt') return 'seatbelt held an attempt to write, read, connect and signal out of it'
  return `NONE: ${jail.problem}`
}

/** A jail that has just held against an escape, or why there is none. */
export async function resolveJail(machine: Machine = thisMachine()): Promise<Jail> {
  if (machine.platform === 'darwin') {
    const probed = await probeJail({ kind: 'seatbelt' })
    return probed.kind === 'none' ? probed : { kind: 'seatbelt' }
  }
  if (machine.platform !== 'linux') {
    return {
      kind: 'none',
      problem: `There is no jail for agents on ${machine.platform === 'win32' ? 'Windows' : machine.platform} yet.`,
      mend: 'Run Sluice on Linux, or in WSL2 or a Linux virtual machine, where bubblewrap is one.',
    }
  }
  try {
    const found = await resolveTool(BUBBLEWRAP, machine)
    const probed = await probeJail({ kind: 'bubblewrap', path: found.path })
    return probed.kind === 'none' ? probed : { kind: 'bwrap', ...found }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { kind: 'none', problem: error.message.slice(0, -error.mend.length).trim(), mend: error.mend }
  }
}
