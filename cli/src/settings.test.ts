/** The person's settings: all optional, none ignored. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { defaultSettings, readSettings } from './settings.ts'

const file = join(mkdtempSync(join(tmpdir(), 'slc-settings-')), 'config.yaml')
const read = (yaml: string) => {
  writeFileSync(file, yaml)
  return readSettings(file)
}

test('no file, an empty one and one of comments are no wishes', () => {
  expect(readSettings(join(file, '..', 'none.yaml'))).toEqual(defaultSettings)
  expect(read('')).toEqual(defaultSettings)
  expect(read('# nothing yet\n')).toEqual(defaultSettings)
  expect(defaultSettings).toMatchObject({ budget: { usd: 5 }, egress: [], jail: { readable: [] } })
})

test('what is said there holds, the rest is as usual', () => {
  const settings = read(
    'model: m\neffort: high\nbudget: { usd: 2.5 }\njail:\n  readable: [/opt/sdk]\nbuilds: 2\nport: 5000\n',
  )

  expect(settings).toEqual({
    ...{
      model: 'm',
      effort: 'high',
      budget: { usd: 2.5, soft: 0.8 },
      egress: [],
      jail: { readable: ['/opt/sdk'], services: [] },
    },
    ...{ rateLimit: { policy: 'wait', seconds: 60 }, calls: 8, loop: { sameCalls: 5, idleTurns: 40 } },
    worktree: { copy: [], keep: 1, archiveMb: 200 },
    ...{ builds: 2, port: 5000, notify: false, engine: 'anthropic', roles: {} },
    mcp: { servers: {}, roles: {}, projects: [] },
    engines: {},
    ...{ permissions: {}, permissionSeconds: 120 },
  })
})

test('lines, limits and loops of the person’s own', () => {
  const settings = read(
    'budget: { usd: 10, soft: 6, dayUsd: 40, roles: { implementer: 3 }, stages: { review: 2 } }\nrateLimit: ask\ncalls: 2\nloop: { sameCalls: 3 }\n',
  )

  expect(settings).toMatchObject({
    budget: { usd: 10, soft: 6, dayUsd: 40, roles: { implementer: 3 }, stages: { review: 2 } },
    ...{ rateLimit: { policy: 'ask', seconds: 60 }, calls: 2, loop: { sameCalls: 3, idleTurns: 40 } },
  })
  expect(read('rateLimit: { policy: fail, seconds: 5 }').rateLimit).toEqual({ policy: 'fail', seconds: 5 })
})

test.each([
  ['a stage there is none of', 'budget: { stages: { reviews: 2 } }', '`budget.stages'],
  ['a policy there is none of', 'rateLimit: often', '`rateLimit` will not do: '],
  ['an unknown key', 'modell: x', 'there is no setting `modell`. It knows engine, model, effort'],
  ['a wrong number', 'budget: { usd: -1 }', '`budget.usd` will not do: '],
  ['a relative path', 'jail: { readable: [opt] }', '`jail.readable.0` will not do: '],
  ['an MCP server nobody described', 'mcp: { roles: { implementer: [docs] } }', 'there is no server docs'],
  ['an MCP server that is neither', 'mcp: { servers: { docs: { program: x } } }', '`mcp.servers.docs` will not do: '],
  ['no mapping', '- a', 'will not do: '],
  ['broken YAML', 'model: [a', 'is not YAML: '],
])('%s is one sentence with the file', (_, yaml, sentence) => {
  expect(() => read(yaml)).toThrow(sentence)
  expect(() => read(yaml)).toThrow(file)
})

test('a role may have an engine, a model and an effort of its own', () => {
  const { roles } = read('roles: { implementer: { model: m, effort: max }, security: { model: n } }')

  expect(roles).toEqual({ implementer: { model: 'm', effort: 'max' }, security: { model: 'n' } })
})

test.each([
  ['engine: cobol', '`engine` names cobol, which is no engine. There are: anthropic'],
  ['roles: { implementer: { engine: cobol } }', '`roles.implementer.engine` names cobol'],
  ['roles: { implementer: { modell: x } }', 'there is no setting `roles.implementer.modell`'],
])('%s is refused at the start', (yaml, sentence) => {
  expect(() => read(yaml)).toThrow(sentence)
})
