/** What must be on the machine before anything can be installed. */
import { spawnSync } from 'node:child_process'
import { Failure } from './failure.js'

const AGAIN = 'then run the same command again.'
const GIT_FLOOR = [2, 38]

export function checkNode(version = process.versions.node) {
  if (Number.parseInt(version, 10) >= 20) return
  throw new Failure(
    `Sluice needs Node.js 20 or newer, this is ${version}. Install it from https://nodejs.org, ${AGAIN}`,
  )
}

/** `git merge-tree --write-tree`, which finds conflicts without touching a working tree, came with 2.38. */
export function checkGit() {
  const mend = `Install it (Debian, Ubuntu: sudo apt-get install git), ${AGAIN}`
  const { stdout, error } = spawnSync('git', ['--version'], { encoding: 'utf8' })
  const version = /(\d+)\.(\d+)[\d.]*/.exec(stdout ?? '')
  if (error || !version) throw new Failure(`Sluice needs git 2.38 or newer, and no git answers here. ${mend}`)
  const [major, minor] = [Number(version[1]), Number(version[2])]
  if (major > GIT_FLOOR[0] || (major === GIT_FLOOR[0] && minor >= GIT_FLOOR[1])) return
  throw new Failure(`Sluice needs git 2.38 or newer, this is ${version[0]}. ${mend}`)
}

/** Asked only when npm is about to be used: it takes longer to answer than all the rest of an idle set-up. */
export function checkNpm() {
  const { status } = spawnSync('npm', ['--version'], { stdio: 'ignore' })
  if (status === 0) return
  throw new Failure(
    `Sluice needs npm 10 or newer, and no npm answers here. It comes with Node.js (https://nodejs.org), ${AGAIN}`,
  )
}
