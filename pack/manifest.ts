/** Holds the package's manifest against the workspaces it is made of: what they need at run time it must need, nothing else. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

type Manifest = { workspaces?: string[]; dependencies?: Record<string, string> }

/** The page is built in, tests and bench stay at home. */
const SHIPPED = ['proto', 'kit', 'services/*', 'cli', 'demo']
/** What runs all of it. */
const RUNTIME = 'node'

/** What the programs of the package import from elsewhere, as their workspaces ask for it. */
export function runtimeDependencies(root: string): Record<string, string> {
  const needed = SHIPPED.flatMap((pattern) => globSync(join(pattern, 'package.json'), { cwd: root }))
    .map((file) => read(join(root, file)).dependencies ?? {})
    .flatMap((dependencies) => Object.entries(dependencies))
  return Object.fromEntries(needed.sort(([one], [other]) => (one < other ? -1 : 1)))
}

/** npm takes the manifest as it lies there, so it is checked instead of written on the way. */
export function checkManifest(root: string): void {
  const { [RUNTIME]: _, ...listed } = read(join(root, 'package.json')).dependencies ?? {}
  const needed = runtimeDependencies(root)
  if (JSON.stringify(listed) === JSON.stringify(needed)) return
  const text = JSON.stringify(needed, null, 2)
  throw new Error(
    `package.json does not list what the package needs. Beside ${RUNTIME}, let its dependencies be\n${text}`,
  )
}

const read = (file: string): Manifest => JSON.parse(readFileSync(file, 'utf8')) as Manifest
