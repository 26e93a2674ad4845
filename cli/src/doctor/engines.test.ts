/** Engines of others as doctor sees them: really started, really greeted. */
import { fileURLToPath } from 'node:url'
import { EnginesConfig } from '@sluice/kit/engines-config.ts'
import { expect, test } from 'vitest'
import { configuredEngines } from './engines.ts'

const AGENT = fileURLToPath(new URL('../../../kit/src/testing/acp-agent.mjs', import.meta.url))
const engines = EnginesConfig.parse({
  'acp:good': { command: [process.execPath, AGENT] },
  'acp:login': { command: [process.execPath, AGENT, '--login'] },
  acp: { command: ['no-such-agent'] },
})

test('each that is named is started and says who it is, or what it lacks and how that is mended', async () => {
  const checks = await configuredEngines({
    engines,
    engine: 'anthropic',
    roles: { implementer: { engine: 'acp:good' } },
  })

  expect(checks).toEqual([
    { name: 'engine acp:good', state: 'ok', says: 'test-agent 3.2.1, for implementer', mend: null },
    {
      ...{ name: 'engine acp:login', state: 'warning' },
      says: expect.stringContaining('asks for a login'),
      mend: 'Set a key in `engines.acp:login.env`.',
    },
    {
      ...{ name: 'engine acp', state: 'warning', says: 'There is no program no-such-agent.' },
      mend: 'Install it, or name it by its whole path.',
    },
  ])
})

test('where none is named nothing is said', async () => {
  expect(await configuredEngines({ engines: {}, engine: 'anthropic', roles: {} })).toEqual([])
})
