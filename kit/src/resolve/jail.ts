/** Finds bubblewrap, fetches it where need be, and finds out whether it really shuts anything in. */
import { Refusal } from '../errors.ts'
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

export type Jail = ({ kind: 'bwrap' } & Found) | NoJail

/** What the probe found, for people: in doctor, on the page, with every run. */
export const jailText = (jail: Jail): string =>
  jail.kind === 'bwrap'
    ? `bubblewrap ${jail.version} held an attempt to write, read, connect and look out of it`
    : `NONE: ${jail.problem}`

const NAMES: Partial<Record<NodeJS.Platform, string>> = { darwin: 'macOS', win32: 'Windows' }

/** A jail that has just held against an escape, or why there is none. */
export async function resolveJail(machine: Machine = thisMachine()): Promise<Jail> {
  if (machine.platform !== 'linux') {
    return {
      kind: 'none',
      problem: `There is no jail for agents on ${NAMES[machine.platform] ?? machine.platform} yet.`,
      mend: 'Run Sluice on Linux, or in WSL2 or a Linux virtual machine, where bubblewrap is one.',
    }
  }
  try {
    const found = await resolveTool(BUBBLEWRAP, machine)
    const probed = await probeJail(found.path)
    return probed.kind === 'none' ? probed : { kind: 'bwrap', ...found }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { kind: 'none', problem: error.message.slice(0, -error.mend.length).trim(), mend: error.mend }
  }
}
