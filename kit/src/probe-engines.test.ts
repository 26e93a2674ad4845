/** Engines are looked at beside each other: one that hangs or breaks is told of, and takes nothing from the others. */
import { expect, test } from 'vitest'
import type { Engine, Probe } from './engine.ts'
import { engineNames } from './engines.ts'
import { probeEngines } from './probe-engines.ts'

const configured = { 'acp:hangs': { command: ['x'] }, 'acp:breaks': { command: ['x'] } } as never
const engine = (name: string, probe: () => Promise<Probe>): Engine => ({
  ...{ name, probe },
  open: () => Promise.reject(new Error('not opened here')),
})
const of = async (name: string): Promise<Engine> => {
  if (name === 'acp:hangs') return engine(name, () => new Promise(() => undefined))
  if (name === 'acp:breaks') throw new Error('no such module')
  return engine(name, async () => ({ ok: true, version: '7' }))
}

test('each engine is told of: what works, what hangs, what breaks', async () => {
  const told = await probeEngines(configured, { withinMs: 50, of })

  expect(told.map(({ name }) => name)).toEqual(engineNames(configured))
  expect(new Map(told.map(({ name, probe }) => [name, probe.ok ? probe.version : probe.problem]))).toEqual(
    new Map([
      ...engineNames().map((name) => [name, '7'] as const),
      ['acp:hangs', 'acp:hangs did not answer within 0.05 seconds.'],
      ['acp:breaks', 'acp:breaks cannot be asked: no such module'],
    ]),
  )
})

test('our own engine is there', async () => {
  const told = await probeEngines()

  expect(told.find(({ name }) => name === 'anthropic')?.probe.ok).toBe(true)
})
