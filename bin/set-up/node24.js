/** Which Node runs the package: this one if it is new enough, else the one npm brought. */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Failure } from './failure.js'

const FLOOR = 24

export function node24(root, running = process) {
  if (Number.parseInt(running.versions.node, 10) >= FLOOR) return running.execPath
  const brought = broughtByNpm(root)
  if (brought) return brought
  throw new Failure(
    `Sluice runs on Node.js ${FLOOR}, this is ${running.versions.node}, and npm did not bring one: it was told to run no install scripts. ` +
      `Run \`npm rebuild node --ignore-scripts=false\` where Sluice is installed, or install Node.js ${FLOOR}, then run the same command again.`,
  )
}

/** Beside us or further up: npm puts what a package needs where it finds room. */
function broughtByNpm(root) {
  try {
    const file = join(dirname(createRequire(join(root, 'package.json')).resolve('node/package.json')), 'bin', 'node')
    return existsSync(file) ? file : undefined
  } catch {
    return undefined
  }
}
