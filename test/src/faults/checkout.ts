/** A copy of this checkout that may be spoilt: every file git does not ignore, packages of its own, dependencies borrowed. */
import { execFileSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export type Copy = AsyncDisposable & { root: string }

export async function copyOf(root: string): Promise<Copy> {
  const copy = await mkdtemp(join(tmpdir(), 'slc-faults-'))
  for (const path of filesOf(root)) {
    await mkdir(dirname(join(copy, path)), { recursive: true })
    await cp(join(root, path), join(copy, path), { verbatimSymlinks: true })
  }
  await borrow(root, copy)
  return { root: copy, [Symbol.asyncDispose]: () => rm(copy, { recursive: true, force: true }) }
}

function filesOf(root: string): string[] {
  const options = ['--cached', '--others', '--exclude-standard', '-z']
  const listed = execFileSync('git', ['ls-files', ...options], { cwd: root, encoding: 'utf8', maxBuffer: 64 << 20 })
  const deleted = execFileSync('git', ['ls-files', '--deleted', '-z'], { cwd: root, encoding: 'utf8' })
  const gone = new Set(deleted.split('\0'))
  return listed.split('\0').filter((path) => path !== '' && !gone.has(path))
}

/** Our own packages are linked into the copy: through a borrowed link they would be the originals, without the fault. */
async function borrow(root: string, copy: string): Promise<void> {
  await mkdir(join(copy, 'node_modules', '@sluice'), { recursive: true })
  for (const name of await readdir(join(root, 'node_modules')))
    if (name !== '@sluice') await symlink(join(root, 'node_modules', name), join(copy, 'node_modules', name))

  const packages = ['proto', 'kit', 'ui', 'cli', 'demo', 'bench', 'test', ...(await readdir(join(root, 'services')))]
  for (const name of packages) {
    const dir = (await readdir(copy)).includes(name) ? name : join('services', name)
    await symlink(join(copy, dir), join(copy, 'node_modules', '@sluice', name))
  }
  const nested = join('ui', 'node_modules')
  if ((await readdir(join(root, 'ui'))).includes('node_modules')) await symlink(join(root, nested), join(copy, nested))
}
