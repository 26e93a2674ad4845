/** How many of each role are wanted, kept over a restart: `<data>/replicas.json`. */
import { join } from 'node:path'
import { defaultBuilds } from '@sluice/proto/project.ts'
import { z } from 'zod'
import { readOrNull, writePrivate } from '../private-file.ts'

export type Replicas = {
  of(name: string): number
  put(name: string, replicas: number): void
  forget(name: string): void
}

const Kept = z.record(z.string(), z.int().nonnegative())

export function openReplicas(dir: string): Replicas {
  const file = join(dir, 'replicas.json')
  const kept = new Map(Object.entries(Kept.parse(JSON.parse(readOrNull(file) ?? '{}'))))
  const keep = () => writePrivate(file, JSON.stringify(Object.fromEntries(kept)))
  return {
    of: (name) => kept.get(name) ?? (name === 'implementer' ? defaultBuilds : 1),
    put(name, replicas) {
      kept.set(name, replicas)
      keep()
    },
    forget(name) {
      if (kept.delete(name)) keep()
    },
  }
}
