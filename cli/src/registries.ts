/** The package registries jailed commands may reach, and which one the person uses. */
import { toolEnv } from '@sluice/kit/toolchains.ts'
import type { Env } from './child-env.ts'

/** Where the package managers of common languages fetch from unless told otherwise. */
const PUBLIC = [
  ...['registry.npmjs.org', 'registry.yarnpkg.com', 'pypi.org', 'files.pythonhosted.org'],
  ...['crates.io', 'index.crates.io', 'static.crates.io', 'proxy.golang.org', 'sum.golang.org'],
  ...['rubygems.org', 'index.rubygems.org', 'repo.maven.apache.org', 'repo1.maven.org'],
]

/** The address of the person's npm registry, without a login; from the environment or ~/.npmrc, never by starting npm. */
export function npmRegistryOf(env: Env): string | undefined {
  const set = toolEnv(env)
  return set.npm_config_registry ?? set.NPM_CONFIG_REGISTRY
}

/** The public ones and the person's own, all with their port: a company, or a machine without internet, has them in its own network. */
export function registryHosts(env: Env): string[] {
  const set = toolEnv(env)
  const named = ['npm_config_registry', 'NPM_CONFIG_REGISTRY', 'PIP_INDEX_URL', 'UV_INDEX_URL', 'GOPROXY']
  const addresses = named.flatMap((name) => set[name]?.split(/[,|]/) ?? []).filter((text) => URL.canParse(text))
  const own = addresses.map((text) => {
    const { hostname, port, protocol } = new URL(text)
    return `${hostname}:${port || (protocol === 'http:' ? 80 : 443)}`
  })
  return [...new Set([...PUBLIC.map((host) => `${host}:443`), ...own])]
}
