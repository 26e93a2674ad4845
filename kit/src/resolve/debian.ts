/** Fetches a program from the system's own Debian archive, signatures checked by apt, without root and without installing it. */
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { findProgram, type Machine, ran } from './machine.ts'

const DOWNLOAD_MS = 300_000
const NO_NETWORK =
  /Temporary failure|Could not (resolve|connect)|Failed to fetch|Unable to connect|Connection (failed|timed out)/

export type Unpacked = { ok: true; root: string } | { ok: false; reason: string }

/** Unpacks the Debian package `name` under `scratch`; the reason is a phrase that fits into brackets. */
export async function unpackDebianPackage(machine: Machine, name: string, scratch: string): Promise<Unpacked> {
  const [aptGet, dpkg] = [await findProgram(machine, 'apt-get'), await findProgram(machine, 'dpkg')]
  if (!aptGet || !dpkg) return { ok: false, reason: 'this system has no apt-get and dpkg' }

  machine.say(`fetching ${name} from this system's package archive …`)
  const downloaded = await download({ machine, aptGet, name, scratch })
  if (!downloaded.ok) return downloaded
  const root = join(scratch, 'root')
  const unpacked = await ran([dpkg, '-x', downloaded.deb, root], { env: speaking(machine), timeoutMs: DOWNLOAD_MS })
  return unpacked.ok
    ? { ok: true, root }
    : { ok: false, reason: `dpkg could not unpack it: ${lastLine(unpacked.output)}` }
}

type Download = { machine: Machine; aptGet: string; name: string; scratch: string }
type Downloaded = { ok: true; deb: string } | { ok: false; reason: string }

/** First with the package lists the system has; a fresh image has none and old ones name files long gone, so then with private ones. */
async function download({ machine, aptGet, name, scratch }: Download): Promise<Downloaded> {
  const apt = (...args: string[]) =>
    ran([aptGet, '-q', '-o', 'Acquire::Retries=2', '-o', 'Acquire::http::Timeout=20', ...args], {
      env: speaking(machine),
      cwd: scratch,
      timeoutMs: DOWNLOAD_MS,
    })
  if ((await apt('download', name)).ok) return packageIn(scratch)

  const lists = await privateLists(scratch)
  const updated = await apt(...lists, 'update')
  const fetched = await apt(...lists, 'download', name)
  if (fetched.ok) return packageIn(scratch)
  const said = `${updated.output}\n${fetched.output}`
  if (NO_NETWORK.test(said)) return { ok: false, reason: 'its package archive cannot be reached' }
  return { ok: false, reason: `apt-get says: ${said.match(/^[EW]: .*/m)?.[0] ?? lastLine(said)}` }
}

async function privateLists(scratch: string): Promise<string[]> {
  const [lists, cache] = [join(scratch, 'apt', 'lists'), join(scratch, 'apt', 'cache')]
  await mkdir(join(lists, 'partial'), { recursive: true })
  await mkdir(join(cache, 'archives', 'partial'), { recursive: true })
  return ['-o', `Dir::State::Lists=${lists}`, '-o', `Dir::Cache=${cache}`]
}

async function packageIn(scratch: string): Promise<Downloaded> {
  const deb = (await readdir(scratch)).find((file) => file.endsWith('.deb'))
  return deb ? { ok: true, deb: join(scratch, deb) } : { ok: false, reason: 'apt-get download left no package' }
}

/** Reasons are looked for in what apt says, so it says it in English. */
const speaking = (machine: Machine): Machine['env'] => ({
  ...machine.env,
  LC_ALL: 'C',
  DEBIAN_FRONTEND: 'noninteractive',
})

const lastLine = (output: string): string => output.trim().split('\n').at(-1) ?? ''
