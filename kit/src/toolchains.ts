/** What of the person's machine a jail must be able to read so that their own tools run in it: never a credential. */
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { basename, dirname, isAbsolute, join } from 'node:path'

type Env = Record<string, string | undefined>

/** Where version managers and languages say they live; a set one is readable in the jail and named there. */
const ROOT_VARIABLES = [
  ...['NVM_DIR', 'FNM_DIR', 'VOLTA_HOME', 'N_PREFIX', 'BUN_INSTALL', 'DENO_INSTALL', 'PNPM_HOME'],
  ...['CARGO_HOME', 'RUSTUP_HOME', 'GOROOT', 'JAVA_HOME', 'SDKMAN_DIR', 'PYENV_ROOT', 'RBENV_ROOT'],
  ...['ASDF_DIR', 'ASDF_DATA_DIR', 'MISE_DATA_DIR', 'VIRTUAL_ENV', 'CONDA_PREFIX'],
]
const CA_VARIABLES = [
  ...['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'PIP_CERT'],
  ...['GIT_SSL_CAINFO', 'GIT_SSL_CAPATH', 'CARGO_HTTP_CAINFO', 'DENO_CERT', 'npm_config_cafile', 'NPM_CONFIG_CAFILE'],
]
const REGISTRY_VARIABLES = ['npm_config_registry', 'NPM_CONFIG_REGISTRY', 'PIP_INDEX_URL', 'UV_INDEX_URL', 'GOPROXY']
/** What a process that starts jails must have in its own environment for all of this to be found. */
export const toolVariables: readonly string[] = [...ROOT_VARIABLES, ...CA_VARIABLES, ...REGISTRY_VARIABLES]
/** Where tools keep their tokens below their own root. */
const TOKEN_FILES = ['credentials', 'credentials.toml', '.credentials', '.npmrc', 'etc/npmrc', '.netrc', 'pip.conf']

/** The person's home, also when HOME is empty. */
export const homeOf = (env: Env): string => env.HOME || userInfo().homedir

/** The person's PATH without what `npm run` puts in front of it: those are Sluice's own tools, not the project's. */
export const toolPath = (env: Env): string[] =>
  unique((env.PATH ?? '').split(':')).filter(
    (dir) =>
      isAbsolute(dir) && !dir.endsWith('/node_modules/.bin') && !dir.endsWith('/node-gyp-bin') && existsSync(dir),
  )

/** Every directory on PATH with the install root it belongs to (`…/v24/bin` → `…/v24`), what its links lead to, and the roots that variables name. */
export function toolchainRoots(env: Env): string[] {
  const home = homeOf(env)
  const onPath = toolPath(env)
  const linked = onPath.filter((dir) => dir.startsWith(`${home}/`)).flatMap(linkTargets)
  const named = ROOT_VARIABLES.flatMap((name) => env[name] ?? [])
  // rustc in ~/.cargo/bin is a proxy that starts the one in ~/.rustup.
  const rustup = onPath.some((dir) => dir.endsWith('/.cargo/bin')) ? [join(home, '.rustup')] : []
  const roots = [...onPath, ...linked].flatMap((dir) => [dir, installRoot(dir, home)])
  return unique([...roots, ...named, ...rustup]).filter((root) => existsSync(root) && !tooWide(root, home))
}

/** Files with tokens below these roots: hidden, though the root is readable. */
export const tokensIn = (roots: string[]): string[] => [
  ...roots.flatMap((root) => TOKEN_FILES.map((file) => join(root, file))).filter((file) => existsSync(file)),
  ...roots.flatMap(keptFromOthers),
]

/**
 * What a tool keeps beside its programs for its person alone (`~/.docker/config.json`, `~/.pulumi/credentials.json`). Where the programs
 * are as private (umask 077) the modes say nothing.
 */
function keptFromOthers(root: string): string[] {
  if (isPrivate(join(root, 'bin')) ?? isPrivate(root) ?? true) return []
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => join(root, name))
    .filter((file) => isPrivate(file))
}

function isPrivate(path: string): boolean | undefined {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat && (stat.mode & 0o077) === 0
}

/** The variables a tool needs to find its root, its certificates and its registry; addresses lose their user and password. */
export function toolEnv(env: Env): Record<string, string> {
  const kept = [...ROOT_VARIABLES, ...CA_VARIABLES].flatMap((name) => (env[name] ? [[name, env[name]]] : []))
  const registries = REGISTRY_VARIABLES.flatMap((name) => (env[name] ? [[name, withoutLogin(env[name])]] : []))
  const npm = npmRegistry(homeOf(env))
  return Object.fromEntries([...(npm ? [['npm_config_registry', npm]] : []), ...kept, ...registries])
}

/** The certificate files and directories those variables name. */
export const certificates = (env: Env): string[] =>
  CA_VARIABLES.flatMap((name) => env[name]?.split(':') ?? []).filter((path) => isAbsolute(path) && existsSync(path))

function installRoot(dir: string, home: string): string {
  const root = ['bin', 'sbin', 'shims'].includes(basename(dir)) ? dirname(dir) : dir
  return tooWide(root, home) ? dir : root
}

/** A root that would show more than a tool: the home itself, what it lies in, and the places every program keeps its own things in. */
function tooWide(root: string, home: string): boolean {
  const shared = ['', '.local', '.local/share', '.local/state', '.config', '.cache', 'Library'].map((dir) =>
    join(home, dir),
  )
  return `${home}/`.startsWith(root.endsWith('/') ? root : `${root}/`) || shared.includes(root)
}

/** `~/.local/bin/tool` is a link to where the tool was installed. */
function linkTargets(dir: string): string[] {
  const links = readdirSync(dir, { withFileTypes: true }).filter((entry) => entry.isSymbolicLink())
  return unique(links.flatMap((link) => realOrNothing(join(dir, link.name)).map(dirname)))
}

/** npm's own setting in ~/.npmrc: the address only, that file stays hidden. */
function npmRegistry(home: string): string | undefined {
  const file = join(home, '.npmrc')
  if (!existsSync(file)) return undefined
  const address = /^registry\s*=\s*"?(https?:\/\/[^\s"]+)/m.exec(readFileSync(file, 'utf8'))?.[1]
  return address && withoutLogin(address)
}

const withoutLogin = (address: string): string => address.replace(/(\w:\/\/)[^/@\s]*@/g, '$1')
const unique = (all: string[]): string[] => [...new Set(all)]

function realOrNothing(path: string): string[] {
  try {
    return [realpathSync(path)]
  } catch {
    return [] // a dangling link
  }
}
