/** What can be held of `docker-compose.yml` without Docker: it is whole, it names what exists, it opens nothing to others. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { services } from '@sluice/cli/services.ts'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'

const root = join(import.meta.dirname, '..', '..')
const Compose = z.object({
  services: z.record(
    z.string(),
    z.object({
      image: z.string(),
      command: z.array(z.string()),
      network_mode: z.literal('host'),
      ports: z.array(z.string().startsWith('127.0.0.1:')).optional(),
      environment: z.record(z.string(), z.string()).default({}),
    }),
  ),
})
const compose = Compose.parse(parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), { merge: true }))

test('it has the broker and every service of Sluice, each by its own program', () => {
  const { broker, ...others } = compose.services
  const commands = Object.entries(others).map(([name, { command }]) => [name, command.join(' ')])

  expect(broker?.command[0]).toBe('nats-server')
  expect(Object.fromEntries(commands)).toEqual(
    Object.fromEntries(services.map(({ name, program }) => [name, `node ${program}`])),
  )
})

test('every program it names exists', () => {
  const missing = services.map(({ program }) => program).filter((program) => !existsSync(join(root, program)))

  expect(missing).toEqual([])
})

test('the key is given to the gateway alone', () => {
  const given = Object.entries(compose.services).filter(([, { environment }]) => 'ANTHROPIC_API_KEY' in environment)

  expect(given.map(([name]) => name)).toEqual(['llm-gateway'])
})
