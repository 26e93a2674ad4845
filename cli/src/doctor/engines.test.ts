/** What `doctor` says of engines: which work, why one does not, and whose work that would stop. */
import type { Probed } from '@sluice/kit/probe-engines.ts'
import { startMessagesApi } from '@sluice/kit/testing/messages-api.ts'
import { expect, test } from 'vitest'
import { defaultSettings } from '../settings.ts'
import { engines } from './engines.ts'
import { modelCall } from './online.ts'

const env = { ANTHROPIC_API_KEY: 'sk-ant-x' }
const probed: Probed[] = [
  { name: 'anthropic', probe: { ok: true, version: '1' } },
  { name: 'acp:goose', probe: { ok: false, problem: 'goose is not installed.', mend: 'Install goose.' } },
]
const look = async () => probed
const checkNamed = async (name: string, settings = defaultSettings, at: Record<string, string> = env) =>
  (await engines(settings, at, look)).find((check) => check.name === name)

test('an engine that works says so, one that does not says why and how to mend it', async () => {
  expect(await checkNamed('engine anthropic')).toMatchObject({ state: 'ok' })
  expect(await checkNamed('engine acp:goose')).toEqual({
    ...{ name: 'engine acp:goose', state: 'warning', says: 'goose is not installed.', mend: 'Install goose.' },
  })
})

test('our own engine without a key says what it lacks', async () => {
  expect(await checkNamed('engine anthropic', defaultSettings, {})).toMatchObject({ state: 'warning' })
})

test('roles are told with what they work with, and a role whose engine does not work is named', async () => {
  const roles = { implementer: { engine: 'acp:goose' } }

  expect(await checkNamed('roles')).toMatchObject({ state: 'ok', says: expect.stringContaining('anthropic, claude-') })
  expect(await checkNamed('roles', { ...defaultSettings, roles })).toMatchObject({
    state: 'warning',
    says: 'implementer (acp:goose) would work with an engine that does not work here.',
  })
})

test('the one call that is made says whether the key may use the model', async () => {
  await using api = await startMessagesApi({ model: () => 'ok', keys: ['sk-ant-good'] })
  const call = (key: string) => modelCall({ ANTHROPIC_BASE_URL: api.url, ANTHROPIC_API_KEY: key }, 'claude-haiku-5-5')

  expect(await call('sk-ant-good')).toMatchObject({ state: 'ok', says: 'claude-haiku-5-5 answers' })
  expect(await call('sk-ant-bad')).toMatchObject({ state: 'warning', says: expect.stringContaining('401') })
})
