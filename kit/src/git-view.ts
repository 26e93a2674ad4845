/** A git directory of our own over a repository's objects: no config, hook, filter, driver or ref of anybody's is in it, so nothing can run. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type GitPlace, git } from './git.ts'

/** How files of this repository map to bytes on disk; everything else a config may say is left behind. */
const KEPT = [
  'extensions.objectformat',
  'core.autocrlf',
  'core.eol',
  'core.filemode',
  'core.symlinks',
  'core.ignorecase',
  'core.precomposeunicode',
]

/**
 * Writes the view of the repository at `commonDir` and says how to run git in it. Written again each time: the same bytes twice.
 * `.gitattributes` in a tree may name any filter, merge or diff driver: only a config gives them a command, and this one has none.
 */
export async function openView(commonDir: string): Promise<GitPlace> {
  const gitDir = join(commonDir, 'sluice', 'view')
  await Promise.all(['objects', 'refs', 'info'].map((dir) => mkdir(join(gitDir, dir), { recursive: true })))
  await put(join(gitDir, 'config'), await configFrom(commonDir))
  await put(join(gitDir, 'info', 'exclude'), await readOr(join(commonDir, 'info', 'exclude'), ''))
  await put(join(gitDir, 'HEAD'), 'ref: refs/heads/none\n')

  return {
    gitDir,
    env: { GIT_OBJECT_DIRECTORY: join(commonDir, 'objects'), GIT_SHALLOW_FILE: join(commonDir, 'shallow') },
  }
}

async function configFrom(commonDir: string): Promise<string> {
  const { stdout } = await git({ gitDir: commonDir }, ['config', '--local', '--includes', '--list', '-z'])
  const config = new Map<string, string>()
  for (const entry of stdout.toString().split('\0')) {
    const [key = '', value = 'true'] = entry.split(/\n([\s\S]*)/)
    if (KEPT.includes(key)) config.set(key, value)
  }
  const version = config.has('extensions.objectformat') ? 1 : 0
  const ours = `[core]\n\trepositoryformatversion = ${version}\n\tbare = true\n\tquotepath = false\n\texcludesfile = /dev/null\n\tattributesfile = /dev/null\n`
  return ours + [...config].map(([key, value]) => section(key, value)).join('')
}

function section(key: string, value: string): string {
  const [name, variable] = key.split('.')
  return `[${name}]\n\t${variable} = ${JSON.stringify(value)}\n`
}

/** Whole or not at all, and not touched when it says so already: other processes are reading it. */
async function put(path: string, text: string): Promise<void> {
  if ((await readOr(path, undefined)) === text) return
  const fresh = `${path}.${process.pid}.${crypto.randomUUID()}`
  await writeFile(fresh, text)
  await rename(fresh, path)
}

const readOr = <T>(path: string, missing: T): Promise<string | T> => readFile(path, 'utf8').catch(() => missing)
