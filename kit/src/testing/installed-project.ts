/** A project whose one dependency lies packed beside it: `npm ci` installs it for real, also where nothing can be reached. */
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The files of such a project, lock file included; installed, `node -p "require('greeting')"` prints `text`. */
export async function installedProject(text = 'hello'): Promise<Record<string, string | Buffer>> {
  const dir = await mkdtemp(join(tmpdir(), 'slc-project-'))
  const run = (args: string[], cwd: string) =>
    execFileSync('npm', args, {
      cwd,
      stdio: 'pipe',
      env: { PATH: process.env.PATH ?? '', HOME: dir, npm_config_cache: join(dir, 'cache') },
    })
  try {
    const greeting = join(dir, 'greeting')
    await mkdir(greeting)
    await writeFile(
      join(greeting, 'package.json'),
      JSON.stringify({ name: 'greeting', version: '1.0.0', main: 'index.js' }),
    )
    await writeFile(join(greeting, 'index.js'), `module.exports = ${JSON.stringify(text)}\n`)
    const app = join(dir, 'app')
    await mkdir(app)
    run(['pack', '--pack-destination', app], greeting)
    const pack = { name: 'app', version: '1.0.0', dependencies: { greeting: 'file:greeting-1.0.0.tgz' } }
    await writeFile(join(app, 'package.json'), JSON.stringify(pack))
    run(['install', '--package-lock-only', '--offline', '--no-audit', '--no-fund'], app)
    const names = ['package.json', 'package-lock.json', 'greeting-1.0.0.tgz']
    const files = await Promise.all(names.map(async (name) => [name, await readFile(join(app, name))] as const))
    return { ...Object.fromEntries(files), '.gitignore': 'node_modules\n' }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
