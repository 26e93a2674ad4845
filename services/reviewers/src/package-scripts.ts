/** Package scripts that commands lead to, and what changed of them. */
import { z } from 'zod'

const Manifest = z.looseObject({ scripts: z.record(z.string(), z.string()).optional().catch(undefined) })
export type Scripts = Record<string, string>

/** What cannot be read holds nothing: scripts that were there are then gone. */
export function manifestOf(text: string | null): z.infer<typeof Manifest> {
  try {
    return Manifest.parse(JSON.parse(text ?? '{}'))
  } catch {
    return {}
  }
}

export type ChangedScript = { name: string; before: string | undefined; after: string | undefined }

/** Scripts that these commands run, at base or at head, directly, by way of others or as their hooks, and that are not the same. */
export function changedScripts(commands: string[], base: Scripts, head: Scripts): ChangedScript[] {
  const names = [...new Set([...namedBy(commands, base), ...namedBy(commands, head)])].sort()
  return names
    .map((name) => ({ name, before: own(base, name), after: own(head, name) }))
    .filter(({ before, after }) => before !== after)
}

const INSTALL = ['preinstall', 'install', 'postinstall', 'preprepare', 'prepare', 'postprepare']

function namedBy(commands: string[], scripts: Scripts): Set<string> {
  const found = new Set<string>()
  const left = [...commands]
  for (let command = left.pop(); command !== undefined; command = left.pop()) {
    for (const name of wordsOf(command).flatMap((word) => meant(word, scripts))) {
      if (found.has(name)) continue
      found.add(name)
      const body = own(scripts, name)
      if (body !== undefined) left.push(body)
    }
  }
  return found
}

/** Words, as `npm test`, `npm run lint`, `node --run lint`, `run-p lint:*` and `concurrently npm:lint` write the name of a script. */
const wordsOf = (command: string): string[] =>
  command.split(/[^\w:.@/*+-]+/).map((word) => word.replace(/^(?:npm|pnpm|yarn|bun):/, ''))

/** A word that is the name of no script is no script; install commands run their hooks. */
function meant(word: string, scripts: Scripts): string[] {
  if (/^(?:ci|i|install|add|yarn)$/.test(word)) return INSTALL.filter((name) => name in scripts)
  const alias = word === 't' || word === 'tst' ? 'test' : word
  const matching = alias.endsWith('*')
    ? (name: string) => name.startsWith(alias.slice(0, -1))
    : (name: string) => name === alias
  const named = Object.keys(scripts).filter(matching)
  return named.flatMap((name) => [`pre${name}`, name, `post${name}`]).filter((name) => name in scripts)
}

const own = (scripts: Scripts, name: string): string | undefined =>
  Object.hasOwn(scripts, name) ? scripts[name] : undefined
