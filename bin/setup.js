#!/usr/bin/env node
/** Makes a checkout ready to run, and says nothing when it already is. Plain JavaScript for Node 20: nothing is installed yet. */
import { accessSync, constants, existsSync, mkdirSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkGit, checkNode, checkNpm } from './set-up/checks.js'
import { Failure, say } from './set-up/failure.js'
import { underLock } from './set-up/lock.js'
import { run } from './set-up/run.js'
import { hashOf, readStamp, writeStamp } from './set-up/stamp.js'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const NODE_24 = join(ROOT, 'node_modules', '.bin', 'node')
const INSTALLED = join(ROOT, 'node_modules', '.sluice-lock-hash')
const PAGE_BUILT = join(ROOT, 'ui', 'dist', '.built-from')
const PAGE_SOURCES = [
  'package-lock.json',
  'ui/package.json',
  'ui/index.html',
  'ui/vite.config.ts',
  'ui/src',
  'proto/src',
]
const TOOLS = ['--broker', '--jail', '--browser', '--agents']

async function setUp(flags) {
  const unknown = flags.find((flag) => !['--page', '--strict', ...TOOLS].includes(flag))
  if (unknown) throw new Failure(`There is no ${unknown}: set-up knows --page, ${TOOLS.join(', ')} and --strict.`)
  checkNode()
  checkGit()
  if (!isInstalled()) await underLock(ROOT, () => isInstalled() || install())
  if (flags.includes('--page') && !isBuilt()) await underLock(ROOT, () => isBuilt() || buildPage())
  if (flags.some((flag) => TOOLS.includes(flag))) await prepareTools(flags.filter((flag) => flag !== '--page'))
}

// Dependencies are built for one system: a checkout shared with a container must not hand over the other's.
const wantedInstall = () => `${hashOf(ROOT, ['package-lock.json'])} ${process.platform}-${process.arch}`
const isInstalled = () => existsSync(NODE_24) && readStamp(INSTALLED) === wantedInstall()

const wantedPage = () => hashOf(ROOT, PAGE_SOURCES)
const isBuilt = () => readStamp(PAGE_BUILT) === wantedPage()

async function install() {
  checkNpm()
  // Gone first, so that an install that is cut short counts as none.
  rmSync(INSTALLED, { force: true })
  const wanted = wantedInstall()
  const quick = ['--fetch-retries=2', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=10000']
  await npm(['ci', '--include=dev', '--no-audit', '--no-fund', ...quick], {
    doing: 'installing dependencies',
    done: 'installed dependencies',
  })
  // Where a person has switched install scripts off, the one that is needed (it brings Node 24) is run by name.
  if (!existsSync(NODE_24)) {
    await npm(['rebuild', 'node', '--ignore-scripts=false'], { doing: 'fetching Node 24', done: 'fetched Node 24' })
  }
  if (!existsSync(NODE_24))
    throw new Failure('npm finished without bringing Node 24. Run `npm ci` and read what it says.')
  writeStamp(INSTALLED, wanted)
}

async function buildPage() {
  checkNpm()
  rmSync(PAGE_BUILT, { force: true })
  const wanted = wantedPage()
  await npm(['run', '-s', 'build', '-w', 'ui'], { doing: 'building the page', done: 'built the page' })
  mkdirSync(dirname(PAGE_BUILT), { recursive: true })
  writeStamp(PAGE_BUILT, wanted)
}

async function prepareTools(flags) {
  const prepare = join(ROOT, 'kit', 'src', 'resolve', 'prepare.ts')
  await run(NODE_24, [prepare, ...flags], { cwd: ROOT, env: process.env, shown: true })
}

const npm = (args, words) => run('npm', args, { cwd: ROOT, env: npmEnvironment(), ...words })

/** npm ci deletes the Node that may be running this very file, so npm itself runs on the system's. */
function npmEnvironment() {
  const path = (process.env.PATH ?? '').split(':').filter((entry) => !entry.startsWith(join(ROOT, 'node_modules')))
  return { ...process.env, PATH: path.join(':'), ...(hasHome() ? {} : homeless()) }
}

function hasHome() {
  try {
    accessSync(process.env.HOME ?? homedir(), constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** npm keeps its cache at home; where there is none (a service's user, HOME set to nothing) it gets a place beside what it installs. */
function homeless() {
  const home = join(ROOT, '.sluice-home')
  mkdirSync(home, { recursive: true })
  return { HOME: home }
}

try {
  await setUp(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof Failure)) throw error
  if (error.message) say(error.message)
  process.exitCode = error.exitCode
}
