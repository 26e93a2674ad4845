/** Finds a NATS server to run as the bus, or fetches one. */
import { type Machine, thisMachine } from './machine.ts'
import { natsArchive } from './nats-release.ts'
import { type Found, resolveTool, type Tool } from './tool.ts'

/** 2.9 is the floor: it is what Debian 12 has, and what the bus's permissions were tried on. */
const NATS_SERVER: Tool = {
  program: 'nats-server',
  package: 'nats-server',
  file: 'usr/sbin/nats-server',
  versionFlag: '-v',
  floor: [2, 9],
  install: {
    linux:
      'Install NATS server 2.9 or newer (Debian, Ubuntu: sudo apt-get install nats-server; others: https://nats.io/download), then run the same command again.',
    darwin: 'Install it with `brew install nats-server`, then run the same command again.',
    win32: 'Run Sluice inside WSL2, where it brings its own.',
  },
  release: natsArchive,
}

/** nats-server on PATH, in the cache, from the package archive of Debian and Ubuntu, or as released; otherwise a Refusal that says what to install. */
export const resolveBroker = (machine: Machine = thisMachine()): Promise<Found> => resolveTool(NATS_SERVER, machine)
