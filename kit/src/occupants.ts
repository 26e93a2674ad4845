/** Which processes stand in a directory or have a file of it open, whosever they are. */
import { execFile } from 'node:child_process'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { basename } from 'node:path'
import { promisify } from 'node:util'

export type Occupant = { pid: number; name: string }

/** What nobody may look into counts as no occupant: it belongs to somebody whose files these are not. */
export async function occupantsOf(dir: string): Promise<Occupant[]> {
  return process.platform === 'linux' ? await fromProc(dir) : await fromLsof(dir)
}

async function fromProc(dir: string): Promise<Occupant[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
  const found = await Promise.all(
    pids.map(async (pid) => {
      const open = (await readdir(`/proc/${pid}/fd`).catch(() => [])).map((fd) => `fd/${fd}`)
      const links = await Promise.all(['cwd', ...open].map((link) => readlink(`/proc/${pid}/${link}`).catch(() => '')))
      if (!links.some((path) => isIn(dir, path))) return []
      return [{ pid: Number(pid), name: (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim() }]
    }),
  )
  return found.flat()
}

const isIn = (dir: string, path: string): boolean => path === dir || path.startsWith(`${dir}/`)

/** One line for each: `p` a process, `c` its command, `n` a path (lsof(8), -F). It ends with 1 where it finds nothing. */
async function fromLsof(dir: string): Promise<Occupant[]> {
  const { stdout } = await promisify(execFile)('lsof', ['-n', '-P', '-Fpcn'], { maxBuffer: 64 * 1024 * 1024 }).catch(
    (error: { stdout?: string }) => ({ stdout: error.stdout ?? '' }),
  )
  const found = new Map<number, Occupant>()
  let at: Occupant = { pid: 0, name: '' }
  for (const line of stdout.split('\n')) {
    if (line[0] === 'p') at = { pid: Number(line.slice(1)), name: '' }
    if (line[0] === 'c') at = { ...at, name: basename(line.slice(1)) }
    if (line[0] === 'n' && at.pid !== process.pid && isIn(dir, line.slice(1))) found.set(at.pid, at)
  }
  return [...found.values()]
}
