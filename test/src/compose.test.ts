/** What can be held of `docker-compose.yml` and the Dockerfile without Docker: whole, of what exists, open to nobody else. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { services } from '@sluice/cli/services.ts'
import { NATS_RELEASE } from '@sluice/kit/resolve/nats-release.ts'
import { expect, test } from 'vitest'
import { ROOT, readCompose } from './testing/compose-file.ts'
import { sourceOf } from './testing/composed.ts'

const compose = readCompose({ SLUICE_REPOSITORY: '/home/somebody/repository' })
const all = Object.entries(compose.services)
const ours = all.filter(([, { image }]) => image.startsWith('sluice:'))
const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8')

test('it has the broker, who keeps the house, and every service of Sluice by its own program', () => {
  const programs = ours.flatMap(([name, { command }]) =>
    command[0] === 'node' ? [[name, sourceOf(command[1] ?? '')]] : [],
  )

  expect(Object.fromEntries(programs)).toEqual(Object.fromEntries(services.map(({ name, program }) => [name, program])))
  expect(programs.map(([, program]) => program).filter((program) => !existsSync(join(ROOT, program ?? '')))).toEqual([])
  expect(Object.keys(compose.services)).toEqual(expect.arrayContaining(['prepare', 'broker', 'keep']))
})

test('without a repository it says what is missing', () => {
  expect(() => readCompose({})).toThrow('SLUICE_REPOSITORY is missing a value: the repository that is served')
})

test('the key is given to the gateway alone, and stands nowhere in the file', () => {
  const given = all.filter(([, { environment }]) => 'ANTHROPIC_API_KEY' in environment)

  expect(given.map(([name]) => name)).toEqual(['llm-gateway'])
  expect(given[0]?.[1].environment.ANTHROPIC_API_KEY).toBe(null)
})

test('nothing is published but on the loopback, and every one of ours shares it', () => {
  expect(all.flatMap(([, { ports }]) => ports).filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([])
  expect(ours.filter(([, { network_mode }]) => network_mode !== 'host').map(([name]) => name)).toEqual([])
})

test('nobody runs as root or keeps a capability; each has one volume at one path, and the repository under its own name', () => {
  const repository = '/home/somebody/repository:/home/somebody/repository'

  for (const [name, { user, cap_drop, volumes, profiles }] of all) {
    expect.soft(cap_drop, name).toEqual(['ALL'])
    if (profiles.length > 0) continue
    expect.soft(user, name).toBe('1000:1000')
    expect.soft(volumes, name).toEqual(['sluice:/var/lib/sluice', ...(name === 'broker' ? [] : [repository])])
  }
})

test('they begin in order: files, broker, streams, everybody else', () => {
  const after = Object.fromEntries(all.map(([name, { depends_on }]) => [name, depends_on]))
  const kept = { keep: { condition: 'service_healthy' } }

  expect(after.prepare).toEqual({})
  expect(after.broker).toEqual({ prepare: { condition: 'service_completed_successfully' } })
  expect(after.keep).toEqual({ broker: { condition: 'service_healthy' } })
  expect(services.filter(({ name }) => JSON.stringify(after[name]) !== JSON.stringify(kept))).toEqual([])
  for (const name of ['broker', 'keep', 'web']) expect.soft(compose.services[name]?.healthcheck, name).toBeTruthy()
})

test('what is waited for to be healthy is where the page and the broker really are', () => {
  const { web, keep, broker } = compose.services

  expect(web?.healthcheck?.test).toContain('http://127.0.0.1:4747/')
  expect(keep?.command.slice(-2)).toEqual(['--ready-file', keep?.healthcheck?.test.at(-1)])
  expect(broker?.healthcheck?.test[1]).toContain(broker?.command[2])
})

test('every image has a version, the broker that of the release we know', () => {
  const images = [...all.map(([, { image }]) => image), ...dockerfile.matchAll(/^FROM (\S+)/gm)].map((found) =>
    typeof found === 'string' ? found : (found[1] ?? ''),
  )

  expect(images.filter((image) => !/:[\d]/.test(image) && !/^node:24-/.test(image))).toEqual([])
  expect(compose.services.broker?.image).toBe(`nats:${NATS_RELEASE}-alpine`)
})

test('the image: nothing of root at run time, no package lists left, no script of a dependency run, the volume where Compose has it', () => {
  const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '))

  expect(last).toMatch(/^USER \$\{UID\}:\$\{GID\}$/m)
  expect(last).toMatch(/^VOLUME \/var\/lib\/sluice$/m)
  expect(last).toMatch(/npm install .*--ignore-scripts/)
  expect(dockerfile.match(/apt-get install/g)).toHaveLength(
    dockerfile.match(/rm -rf \/var\/lib\/apt\/lists/g)?.length ?? 0,
  )
  expect(dockerfile.match(/apt-get install (?!-y --no-install-recommends)/g)).toBe(null)
  expect(last).toMatch(/^ENTRYPOINT \["tini", /m)
  expect(dockerfile).not.toMatch(/^ADD |curl .*\| *sh|:latest/m)
})
