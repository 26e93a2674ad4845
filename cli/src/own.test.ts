/** What services are told, read back as they read it. */
import { McpConfig, mcpOf } from '@sluice/kit/mcp/config.ts'
import { RoleOwn } from '@sluice/kit/role-own.ts'
import { roles } from '@sluice/kit/roles.ts'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { npmRegistryOf, registryHosts } from './registries.ts'
import { defaultSettings } from './settings.ts'
import { tinyWorld } from './testing/tiny-world.ts'

test('every role has a token of its own for artifacts and one for models, which both doors know', async () => {
  await using world = await tinyWorld()
  await using _house = await world.open({ only: [] })
  const { roleTokens } = z.object({ roleTokens: z.record(z.string(), z.string()) }).parse(world.config('web').own)
  const { secrets } = z.object({ secrets: z.record(z.string(), z.string()) }).parse(world.config('llm-gateway').own)

  const tokens = roles.map(({ name }) => [name, world.config(name)] as const)

  for (const [name, { web, gateway }] of tokens) {
    expect(roleTokens[web?.token ?? '']).toBe(name)
    expect(secrets[name]).toBe(gateway?.secret)
  }
  expect(
    new Set(tokens.flatMap(([, { web, gateway, password }]) => [web?.token, gateway?.secret, password])).size,
  ).toBe(3 * roles.length)
})

test('a role is told the person’s registry, and may reach it and the public ones', async () => {
  await using world = await tinyWorld()
  const env = { ...process.env, npm_config_registry: 'https://ada:secret@npm.example.org:8443/private/' }
  await using _house = await world.open({ only: [], env })

  const own = RoleOwn.parse(world.config('implementer').own)

  expect(own.registry).toBe('https://npm.example.org:8443/private/')
  expect(own.egress).toEqual(expect.arrayContaining(['registry.npmjs.org:443', 'npm.example.org:8443']))
})

test('a role is told of its own MCP servers and those projects may have, and of no other’s secrets', async () => {
  const server = (secret: string) => ({ command: 'true', env: { SECRET: secret } })
  const mcp = McpConfig.parse({
    servers: { docs: server('one'), bugs: server('two'), shop: server('three') },
    roles: { implementer: ['docs'], security: ['bugs'] },
    projects: ['shop'],
  })

  const told = JSON.stringify(mcpOf(mcp, 'implementer'))

  expect(told).toContain('one')
  expect(told).toContain('three')
  expect(told).not.toContain('two')
  expect(mcpOf(mcp, 'implementer').roles).toEqual({ implementer: ['docs'] })
})

test('a registry’s port is named, so that one in a private network can be meant', () => {
  const env = {
    HOME: '/nowhere',
    npm_config_registry: 'http://10.0.0.5/npm/',
    GOPROXY: 'https://go.example.org,direct',
  }

  expect(npmRegistryOf(env)).toBe('http://10.0.0.5/npm/')
  expect(registryHosts(env)).toEqual(expect.arrayContaining(['10.0.0.5:80', 'go.example.org:443', 'pypi.org:443']))
})

test('a role works with what is set for it, and every other as the house does', async () => {
  await using world = await tinyWorld()
  const settings = {
    ...defaultSettings,
    model: 'm',
    window: { tokens: 50_000, compactAt: 0.5 },
    roles: { implementer: { model: 'n', effort: 'max' as const } },
  }
  await using _house = await world.open({ only: [], settings })

  const told = (role: string) => RoleOwn.parse(world.config(role).own)

  expect(told('implementer')).toMatchObject({ engine: 'anthropic', model: 'n', effort: 'max', window: settings.window })
  expect(told('analyst')).toMatchObject({ engine: 'anthropic', model: 'm' })
  expect(told('analyst').effort).toBeUndefined()
  expect(world.config('web').own).toMatchObject({ choice: { model: 'm', roles: settings.roles } })
})
