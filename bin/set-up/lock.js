/** One set-up at a time in a checkout: `npm ci` begins by deleting what another may be using. */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { say } from './failure.js'

const LOOK_AGAIN_MS = 200

export async function underLock(root, work) {
  const lock = join(root, '.sluice-setup.lock')
  await take(lock)
  const release = () => rmSync(lock, { force: true })
  process.once('exit', release)
  try {
    return await work()
  } finally {
    process.off('exit', release)
    release()
  }
}

async function take(lock) {
  let told = 0
  while (!tryToTake(lock)) {
    const holder = holderOf(lock)
    if (holder && isAlive(holder) && told !== holder)
      say(`another set-up is at work here (process ${holder}), waiting …`)
    told = holder
    if (holder && !isAlive(holder)) setAside(lock, holder)
    else await delay(LOOK_AGAIN_MS)
  }
}

/** A link either makes the lock with its content or fails: nobody ever reads one that is half written. */
function tryToTake(lock) {
  const mine = `${lock}.${process.pid}`
  writeFileSync(mine, `${process.pid}\n`)
  try {
    linkSync(mine, lock)
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    return false
  } finally {
    rmSync(mine, { force: true })
  }
}

/** Two may find the same dead holder: what was moved is looked at again, and put back if it is somebody's living lock. */
function setAside(lock, dead) {
  const aside = `${lock}.${process.pid}.aside`
  try {
    renameSync(lock, aside)
    if (holderOf(aside) !== dead) linkSync(aside, lock)
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error
  } finally {
    rmSync(aside, { force: true })
  }
}

function holderOf(lock) {
  try {
    return Number.parseInt(readFileSync(lock, 'utf8'), 10)
  } catch {
    return 0
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
