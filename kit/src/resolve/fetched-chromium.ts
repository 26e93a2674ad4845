/** A Chromium from npm for a Linux x64 without one: the package carries the browser and the libraries a bare machine lacks. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createBrotliDecompress } from 'node:zlib'
import { Refusal } from '../errors.ts'
import type { Browser } from './browser.ts'
import { findProgram, isExecutable, type Machine, ran } from './machine.ts'
import { discard, placeOnce } from './place-once.ts'

const PACKAGE = '@sparticuz/chromium'
const VERSION = '153.0.0'
// A program that is run without being installed: only the very bytes that were tried are.
const SHA512 = 'jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA=='

/** The system's fonts where it has any, and the package's own, so that text is drawn on a machine that has none. */
const FONTS = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir prefix="relative">fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`

/** From the cache, or fetched into it (70 MB, 220 MB unpacked). */
export async function fetchedChromium(machine: Machine, mend: string): Promise<Browser> {
  const place = join(machine.cache, `chromium-${VERSION}`)
  const browser = { path: join(place, 'chromium'), env: environmentOf(place) }
  if (await isExecutable(browser.path)) {
    if (await runs(machine, place)) return { ...browser, source: 'cache' }
    await discard(place)
  }
  await placeOnce(place, async (scratch) => {
    machine.say('fetching a Chromium from npm (70 MB) …')
    const refuse = (why: string) =>
      new Refusal(`No Chromium is on this machine, and one could not be fetched (${why}).`, mend)
    const made = await unpack(await download(machine, scratch, refuse), scratch)
    if (!(await runs(machine, made))) throw refuse('the one from npm does not run here')
    return made
  })
  return { ...browser, source: 'npm' }
}

const environmentOf = (place: string): Record<string, string> => ({
  LD_LIBRARY_PATH: join(place, 'lib'),
  FONTCONFIG_FILE: join(place, 'fonts.conf'),
})

async function runs(machine: Machine, place: string): Promise<boolean> {
  const env = { ...machine.env, ...environmentOf(place) }
  return (await ran([join(place, 'chromium'), '--version'], { env, timeoutMs: 20_000 })).ok
}

async function download(machine: Machine, scratch: string, refuse: (why: string) => Refusal): Promise<string> {
  const npm = await findProgram(machine, 'npm')
  if (!npm) throw refuse('there is no npm')
  // `npm pack` unpacks nothing and runs none of the package's scripts; its cache is thrown away, 70 MB once are enough.
  const quiet = ['--loglevel=error', '--ignore-scripts', '--pack-destination', scratch, '--cache', join(scratch, 'npm')]
  const argv = [npm, 'pack', `${PACKAGE}@${VERSION}`, ...quiet]
  const packed = await ran(argv, { env: machine.env, cwd: scratch, timeoutMs: 600_000 })
  const name = packed.stdout.trim().split('\n').at(-1)
  if (!packed.ok || !name) throw refuse(`npm says: ${packed.output.split('\n').slice(0, 3).join(', ')}`)
  const tarball = join(scratch, name)
  if ((await sha512(tarball)) !== SHA512) throw refuse('what npm sent is not what was expected')
  return tarball
}

async function sha512(file: string): Promise<string> {
  const hash = createHash('sha512')
  await pipeline(createReadStream(file), hash)
  return hash.digest('base64')
}

async function unpack(tarball: string, scratch: string): Promise<string> {
  const [made, bin] = [join(scratch, 'made'), join(scratch, 'package', 'bin')]
  await mkdir(made)
  await untar(createReadStream(tarball), ['-xz', '-C', scratch])
  const chromium = join(made, 'chromium')
  await pipeline(createReadStream(join(bin, 'chromium.br')), createBrotliDecompress(), createWriteStream(chromium))
  await chmod(chromium, 0o755)
  for (const archive of ['al2023', 'fonts', 'swiftshader']) {
    const packed = createReadStream(join(bin, `${archive}.tar.br`))
    await untar(packed.pipe(createBrotliDecompress()), ['-x', '--no-same-owner', '-C', made])
  }
  await writeFile(join(made, 'fonts.conf'), FONTS)
  return made
}

async function untar(from: NodeJS.ReadableStream, args: string[]): Promise<void> {
  const tar = spawn('tar', args, { stdio: ['pipe', 'ignore', 'inherit'] })
  const ended = new Promise<void>((resolve, reject) => {
    tar.once('error', reject)
    tar.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`tar ended with ${code}`))))
  })
  await Promise.all([pipeline(from, tar.stdin), ended])
}
