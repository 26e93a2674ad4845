/** The machine a bench ran on: without it a number says nothing. */
import { arch, availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os'
import { resolveBroker } from '@sluice/kit/resolve/broker.ts'

export type MachineFacts = {
  cores: number
  cpu: string
  memoryGb: number
  system: string
  node: string
  natsServer: string
  /** Load averages of 1, 5 and 15 minutes before the bench began. */
  loadBefore: number[]
}

export async function machineFacts(): Promise<MachineFacts> {
  const loadBefore = loadavg().map((load) => Math.round(load * 100) / 100)
  const { version } = await resolveBroker()
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.version,
    natsServer: version,
    loadBefore,
  }
}

export function machineLine(facts: MachineFacts): string {
  const { cores, cpu, memoryGb, node, natsServer, loadBefore } = facts
  return `${cores} cores (${cpu}), ${memoryGb} GB, Node ${node}, nats-server ${natsServer}, load before ${loadBefore.join(' ')}`
}
