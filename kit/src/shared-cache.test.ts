/** Dependencies kept once: every copy is whole and nobody else's, whatever its owner does to it. */
import { existsSync } from 'node:fs'
import {
  appendFile,
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { openSharedCache, sharedDir } from './shared-cache.ts'

const key = 'a'.repeat(64)

test('what an install made is put whole into the next checkout, in place of what stood there', async () => {
  await using world = await openWorld()
  const made = await world.checkout({
    'node_modules/left/index.js': 'left\n',
    'ui/node_modules/vite/bin.js': 'vite\n',
    'src/a.ts': 'a\n',
  })
  await chmod(join(made, 'ui/node_modules/vite/bin.js'), 0o755)
  await mkdir(join(made, 'node_modules/.bin'))
  await symlink('../left/index.js', join(made, 'node_modules/.bin/left'))
  await symlink('../ui', join(made, 'node_modules/ui'))

  const kept = await world.cache.keep(key, made)
  const next = await world.checkout({ 'node_modules/stale/index.js': 'stale\n', 'ui/own.ts': 'own\n' })
  const restored = await world.cache.restore(key, next)

  expect(restored).toEqual(kept)
  expect(restored).toMatchObject({ places: ['node_modules', 'ui/node_modules'], files: 4 })
  expect(await readFile(join(next, 'node_modules/left/index.js'), 'utf8')).toBe('left\n')
  expect((await lstat(join(next, 'ui/node_modules/vite/bin.js'))).mode & 0o111).toBe(0o111)
  expect(await readlink(join(next, 'node_modules/.bin/left'))).toBe('../left/index.js')
  expect(existsSync(join(next, 'node_modules/stale'))).toBe(false)
  expect(existsSync(join(next, 'ui/own.ts'))).toBe(true)
})

test('an owner who writes into its copy changes no other, taken before or after, and not what is kept', async () => {
  await using world = await openWorld()
  const made = await world.checkout({ 'node_modules/left/index.js': 'left\n' })
  await world.cache.keep(key, made)
  await world.cache.refill(key)
  const [before, mine] = [await world.checkout({}), await world.checkout({})]
  for (const dir of [before, mine]) await world.cache.restore(key, dir)

  for (const dir of [made, mine]) {
    const file = join(dir, 'node_modules/left/index.js')
    expect((await lstat(file)).nlink).toBe(1)
    await chmod(file, 0o777)
    await appendFile(file, 'evil\n')
  }

  const after = await world.checkout({})
  await world.cache.restore(key, after)
  for (const dir of [before, after])
    expect(await readFile(join(dir, 'node_modules/left/index.js'), 'utf8')).toBe('left\n')
})

test('what was changed where it is kept is handed to nobody', async () => {
  await using world = await openWorld()
  await world.cache.keep(key, await world.checkout({ 'node_modules/left/index.js': 'left\n' }))
  await appendFile(join(world.dir, 'data', 'dependencies', 'p1', key, 'master', '0', 'left', 'index.js'), 'evil\n')

  await expect(world.cache.restore(key, await world.checkout({}))).rejects.toThrow(/not what was kept/)
})

test('many who want the same at once each get one of their own', async () => {
  await using world = await openWorld()
  await world.cache.keep(key, await world.checkout({ 'node_modules/left/index.js': 'left\n' }))
  await world.cache.refill(key)

  const dirs = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const dir = await world.checkout({})
      await world.cache.restore(key, dir)
      return dir
    }),
  )

  const inodes = await Promise.all(dirs.map(async (dir) => (await lstat(join(dir, 'node_modules/left/index.js'))).ino))
  expect(new Set(inodes).size).toBe(8)
})

test('of two who keep the same at once one is kept, and nothing half is left', async () => {
  await using world = await openWorld()
  const dirs = await Promise.all([world.checkout({ 'node_modules/a': 'a' }), world.checkout({ 'node_modules/a': 'a' })])

  await Promise.all(dirs.map((dir) => world.cache.keep(key, dir)))

  expect(await readdir(join(sharedDir(join(world.dir, 'data')), 'p1'))).toEqual([key])
})

test.each([
  ['a link out of the checkout', '../../elsewhere'],
  ['a link by an absolute name', '/etc/passwd'],
])('an install that left %s is not kept', async (_, target) => {
  await using world = await openWorld()
  const made = await world.checkout({ 'node_modules/left/index.js': 'left\n' })
  await symlink(target, join(made, 'node_modules/planted'))

  expect(await world.cache.keep(key, made)).toBeNull()
  expect(await world.cache.restore(key, made)).toBeNull()
})

test('what nobody kept is not there, and another project keeps its own', async () => {
  await using world = await openWorld()
  const made = await world.checkout({ 'node_modules/left/index.js': 'left\n' })
  await world.cache.keep(key, made)

  expect(await openSharedCache(join(world.dir, 'data'), 'p2').restore(key, await world.checkout({}))).toBeNull()
  expect(await world.cache.restore('b'.repeat(64), made)).toBeNull()
})

async function openWorld() {
  const dir = await mkdtemp(join(tmpdir(), 'slc-shared-'))
  let n = 0
  return {
    dir,
    cache: openSharedCache(join(dir, 'data'), 'p1'),
    async checkout(files: Record<string, string>) {
      const at = join(dir, `checkout-${n++}`)
      await mkdir(at)
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(at, path)), { recursive: true })
        await writeFile(join(at, path), text)
      }
      return at
    },
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  }
}
