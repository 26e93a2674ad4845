/** The layers hold: who may import whom, and who alone knows NATS, the model's SDK, the terminal and git. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const packages = ['proto', 'kit', 'ui', 'cli', ...readdirSync(join(root, 'services')).map((name) => `services/${name}`)]
const examples = 'examples/reviewers/typescript'

const files = [...packages.map((pack) => [pack, `${pack}/src`] as const), [examples, examples] as const].flatMap(
  ([pack, dir]) =>
    readdirSync(join(root, dir), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name) && !/\.test\.tsx?$/.test(name) && !name.includes('testing/'))
      .map((name) => ({ pack, path: relative(root, join(root, dir, name)) })),
)

const importsOf = (path: string): string[] =>
  [...readFileSync(join(root, path), 'utf8').matchAll(/(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)].map(
    (m) => m[1] ?? '',
  )

/** What each layer may import of ours. */
const allowed = (pack: string): RegExp => {
  if (pack === 'proto') return /^$/
  if (pack === 'ui' || pack === 'kit') return /^@sluice\/proto\//
  // `sluice up` and `demo` make the demo's repository and its model; nobody else knows the demo.
  return pack === 'cli' ? /^@sluice\/(proto|kit|demo)\// : /^@sluice\/(proto|kit)\//
}

test('imports go down only, never from service to service', () => {
  const wrong = files.flatMap(({ pack, path }) => {
    const own = new RegExp(`^@sluice/${pack.split('/').at(-1)}/`)
    const ours = importsOf(path).filter((name) => name.startsWith('@sluice/') && !own.test(name))
    return ours.filter((name) => !allowed(pack).test(name)).map((name) => `${path} imports ${name}`)
  })

  expect(wrong).toEqual([])
})

test('only kit knows NATS, the SDK, OpenTelemetry, the terminal and git; of the page only its bus', () => {
  const reserved = /^(@nats-io\/|@anthropic-ai\/|@opentelemetry\/|node-pty$|simple-git$)/
  const wrong = files
    .filter(({ pack, path }) => pack !== 'kit' && path !== 'ui/src/bus.ts')
    .flatMap(({ path }) =>
      importsOf(path)
        .filter((name) => reserved.test(name))
        .map((name) => `${path} imports ${name}`),
    )

  expect(wrong).toEqual([])
})

test('no package leaves itself by a relative path', () => {
  const wrong = files.flatMap(({ pack, path }) =>
    importsOf(path)
      .filter((name) => name.startsWith('.') && /\.tsx?$/.test(name))
      .filter((name) => !join(path, '..', name).startsWith(`${pack}/`))
      .map((name) => `${path} imports ${name}`),
  )

  expect(wrong).toEqual([])
})

test('every file says in its first line what it is for', () => {
  const silent = files.filter(({ path }) => !/^(#!.*\n)?\/\*\*/.test(readFileSync(join(root, path), 'utf8')))

  expect(silent.map(({ path }) => path)).toEqual([])
})
