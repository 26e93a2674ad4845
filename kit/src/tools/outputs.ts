/** What commands printed, kept whole: one file each beside the run, by a number that is never given twice. */
import { closeSync, mkdirSync, openSync, readdirSync, writeFileSync, writeSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { openBeneath } from './beneath.ts'

const LARGEST_BYTES = 64 * 1024 * 1024

export type Outputs = {
  /** What the jail may write to: logs of what runs in the background. */
  jailDir: string
  /** A number for the next command; later attempts of a run count on. */
  next(): number
  /** The one given last; 0 while there is none. */
  last(): number
  /** Takes what a command prints while it prints it. */
  keep(id: number): Disposable & { add(text: string): void }
  /** The script and the files of a background command, as the jail knows them too. */
  background(id: number, command: string): { script: string; log: string; exit: string }
  lines(id: number): Promise<string[]>
  /** As it came, colours and all. */
  raw(id: number): Promise<string>
  /** The numbers of what was started in the background, of all attempts. */
  inBackground(): number[]
  /** How a background command ended; null while nobody has written that. */
  exitCode(id: number): Promise<number | null>
}

export function openOutputs(dir: string): Outputs {
  const jailDir = join(dir, 'background')
  mkdirSync(jailDir, { recursive: true })
  const ids = [...readdirSync(dir), ...readdirSync(jailDir)].map((name) => Number.parseInt(name, 10))
  let last = Math.max(0, ...ids.filter(Number.isInteger))

  /** Its own commands may have put a link there: what the jail wrote is opened as what an agent wrote. */
  async function raw(id: number): Promise<string> {
    const own = await open(join(dir, `${id}.out`)).catch(() => null)
    if (own) return await wholeOf(own)
    const beneath = await openBeneath(jailDir)
    const log = await beneath.read(`${id}.log`, LARGEST_BYTES).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') throw new Error(`No command has the number ${id}.`)
      throw error
    })
    return log.toString('utf8')
  }

  return {
    jailDir,
    next: () => ++last,
    last: () => last,
    keep(id) {
      const fd = openSync(join(dir, `${id}.out`), 'w', 0o600)
      let left = LARGEST_BYTES
      return {
        add(text) {
          if (left <= 0) return
          left -= writeSync(fd, text)
          if (left <= 0) writeSync(fd, `\n[Kept to here: more than ${LARGEST_BYTES} bytes.]\n`)
        },
        [Symbol.dispose]: () => closeSync(fd),
      }
    },
    background(id, command) {
      const [script, log, exit] = ['sh', 'log', 'exit'].map((end) => join(jailDir, `${id}.${end}`)) as [
        string,
        string,
        string,
      ]
      writeFileSync(script, command, { flag: 'wx' })
      writeFileSync(log, '', { flag: 'wx' })
      return { script, log, exit }
    },
    raw,
    inBackground: () => [...scripts(jailDir)].sort((a, b) => a - b),
    lines: async (id) => readableLines(await raw(id)),
    async exitCode(id) {
      const beneath = await openBeneath(jailDir)
      const said = await beneath.read(`${id}.exit`, 16).catch(() => null)
      return said && /^\d+\n?$/.test(String(said)) ? Number(said) : null
    },
  }
}

const scripts = (jailDir: string): number[] =>
  readdirSync(jailDir).flatMap((name) => (/^\d+\.sh$/.test(name) ? [Number.parseInt(name, 10)] : []))

async function wholeOf(handle: FileHandle): Promise<string> {
  await using file = handle
  return (await file.readFile()).toString('utf8')
}

/** As on a screen: no colours, a progress bar at its last state. */
function readableLines(raw: string): string[] {
  const lines = stripVTControlCharacters(raw)
    .split('\n')
    .map((line) => line.replace(/\r+$/, '').split('\r').at(-1) ?? '')
  if (lines.at(-1) === '') lines.pop()
  return lines
}
