/** MCP servers as doctor sees them: each started once, in a jail, its tools by name. */
import { fileURLToPath } from 'node:url'
import { McpConfig } from '@sluice/kit/mcp/config.ts'
import { thisMachine } from '@sluice/kit/resolve/machine.ts'
import { expect, test } from 'vitest'
import { mcpServers } from './mcp.ts'

const PROGRAM = fileURLToPath(new URL('../../../kit/src/testing/mcp-server.mjs', import.meta.url))
const machine = thisMachine(() => undefined)
const look = (config: object) => mcpServers(machine, McpConfig.parse(config))

test('a server that starts is listed with its tools and who has it', async () => {
  const servers = { notes: { command: process.execPath, args: [PROGRAM] } }

  const checks = await look({ servers, roles: { implementer: ['notes'] }, projects: ['notes'] })

  expect(checks).toEqual([
    {
      name: 'mcp notes',
      state: 'ok',
      says: expect.stringMatching(/^1\.2\.3, for implementer, projects that name it: dial, echo, /),
      mend: null,
    },
  ])
})

test('one that does not is a warning that names its key', async () => {
  const checks = await look({ servers: { notes: { command: 'no-such-program' } }, roles: { security: ['notes'] } })

  expect(checks).toEqual([
    {
      ...{ name: 'mcp notes', state: 'warning' },
      says: expect.stringMatching(/^There is no program no-such-program\. .*the runs of security go on without it\.$/),
      mend: expect.stringContaining('`mcp.servers.notes`'),
    },
  ])
})

test('without servers nothing is said', async () => {
  expect(await look({})).toEqual([])
})
