/** Builds what the package holds into `dist/`: every program as JavaScript where its source stands, with the files it reads beside it. */
import { cpSync, globSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { rolldown } from 'rolldown'
import { checkManifest } from './manifest.ts'

const ROOT = join(import.meta.dirname, '..')
const DIST = join(ROOT, 'dist')

/** What people start and what a house starts; of kit and proto comes what these import. */
const PROGRAMS = '{services/*,cli,demo}/src/**/*.ts'
const NO_PROGRAM = /\.test\.ts$|\.d\.ts$|\/testing(\/|\.ts$)/
/** What programs read of their own at run time: prompts, what runs as it is, the demo's app and stories, the printed contracts. */
const READ = ['{kit,services/*,cli}/src/**/*.{md,mjs}', 'demo/app/**/{*,.*}', 'demo/stories/**/*', 'docs/*.json']

async function build(): Promise<void> {
  checkManifest(ROOT)
  rmSync(DIST, { recursive: true, force: true })
  await compile(filesOf(PROGRAMS).filter((file) => !NO_PROGRAM.test(file)))
  for (const file of [...READ.flatMap(filesOf), ...filesOf('ui/dist/**/*')]) copy(file)
}

const filesOf = (pattern: string): string[] =>
  globSync(pattern, { cwd: ROOT, withFileTypes: true, exclude: ({ name }) => name === 'node_modules' })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))

/** A module is a file here too, where it was: paths from one to another stay what they are in a checkout. */
async function compile(input: string[]): Promise<void> {
  const bundle = await rolldown({
    ...{ cwd: ROOT, input, platform: 'node', treeshake: false },
    external: (id) => !/^[./]/.test(id) && !id.startsWith('@sluice/'),
  })
  const { output } = await bundle.write({ dir: DIST, preserveModules: true, preserveModulesRoot: ROOT })
  for (const chunk of output) refuseSource(chunk.fileName)
}

/** Node refuses TypeScript below node_modules: a source that is started by its name has to be found there as JavaScript. */
function refuseSource(file: string): void {
  const [named] = /new URL\(['"][^'"]+\.ts['"]/.exec(readFileSync(join(DIST, file), 'utf8')) ?? []
  if (named)
    throw new Error(`dist/${file} starts a source (${named} …). Write that program as .mjs, or name it by programFile.`)
}

/** npm leaves every .gitignore out of a package: it goes without its dot (demo/src/repository.ts gives it back). */
const copy = (file: string): void => cpSync(join(ROOT, file), join(DIST, file.replace(/\/\.gitignore$/, '/gitignore')))

await build()
