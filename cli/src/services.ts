/** Every service of a house: which program it is, and how one knows that it is up. */
import { join } from 'node:path'
import { roles } from '@sluice/kit/roles.ts'

export type Service = {
  /** Also its bus user. */
  name: string
  program: string
  /** What it logs when it is up. */
  readyAt: 'connected' | 'ready'
  /** More than one may run: they share a durable. */
  isRole: boolean
}

/** The root of this checkout, or of what was built of it. */
export const ROOT = join(import.meta.dirname, '..', '..')

const other = (name: string, readyAt: Service['readyAt'] = 'ready'): Service => ({
  ...{ name, program: `services/${name}/src/${name}.ts` },
  ...{ readyAt, isRole: false },
})

/** In the order they are started: what a person looks at first comes first. */
export const services: readonly Service[] = [
  other('orchestrator'),
  other('web'),
  other('llm-gateway'),
  other('memory'),
  other('telemetry'),
  ...roles.map(({ name, program }) => ({ name, program, readyAt: 'connected' as const, isRole: true })),
]
