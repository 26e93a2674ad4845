/** Tools of MCP servers as tools of an agent: `mcp__<server>__<tool>`, the server's own schema, results as the model takes them. */
import { createHash } from 'node:crypto'
import type { CallToolResult, Tool as McpTool } from '@modelcontextprotocol/client'
import { z } from 'zod'
import { type AnyTool, type Content, defineTool, type ToolResult } from '../agent.ts'
import type { McpConnection } from './server.ts'

/** What the API takes as a name. */
const LONGEST_NAME = 64
const LONGEST_DESCRIPTION = 4_000
const MOST_IMAGES = 10
const LARGEST_IMAGE_BYTES = 3_700_000
const MOST_RESOURCES_NAMED = 50

/** In the order of the servers, and within one by name: another order would be another prompt cache. */
export function mcpTools(connections: readonly McpConnection[]): AnyTool[] {
  const tools = connections.flatMap((connection) => [
    ...connection.tools.map((tool) => toolOf(connection, tool)),
    ...(connection.resources.length > 0 ? [readResource(connection)] : []),
  ])
  const names = new Set<string>()
  return tools.filter(({ name }) => !names.has(name) && names.add(name))
}

function toolOf(connection: McpConnection, { name, description, inputSchema, annotations }: McpTool): AnyTool {
  return defineTool({
    name: nameOf(connection.name, name),
    description: (description || `The tool ${name} of the MCP server ${connection.name}.`).slice(
      0,
      LONGEST_DESCRIPTION,
    ),
    input: passedOn(inputSchema),
    // A hint that decides no more than whether calls may run beside each other.
    readOnly: annotations?.readOnlyHint === true,
    title: (input) => `${connection.name}: ${name} ${JSON.stringify(input)}`.slice(0, 200),
    run: async (input, { signal }) => resultOf(await connection.call(name, input, signal)),
  })
}

const readResource = (connection: McpConnection): AnyTool =>
  defineTool({
    name: nameOf(connection.name, 'read_resource'),
    description: `Reads what the MCP server ${connection.name} has: ${listed(connection)}`.slice(
      0,
      LONGEST_DESCRIPTION,
    ),
    input: z.object({ uri: z.string().min(1) }),
    readOnly: true,
    title: ({ uri }) => `${connection.name}: ${uri}`.slice(0, 200),
    run: async ({ uri }, { signal }) => resultOf(await connection.read(uri, signal)),
  })

const listed = ({ resources }: McpConnection): string =>
  resources
    .slice(0, MOST_RESOURCES_NAMED)
    .map(({ uri, title, name }) => `${uri} (${title ?? name})`)
    .join(', ')

/** Checked by the server itself; the model is shown the server's schema word for word. */
function passedOn({ $schema: _, id: __, ...schema }: Record<string, unknown>): z.ZodType<Record<string, unknown>> {
  return z.looseObject({}).meta({ ...schema, type: 'object' })
}

/** Two names that become one by this are told apart by a digest. */
export function nameOf(server: string, tool: string): string {
  const plain = `mcp__${server}__${tool}`
  const name = plain.replace(/[^\w-]/g, '_')
  if (name === plain && name.length <= LONGEST_NAME) return name
  const digest = createHash('sha256').update(plain).digest('hex').slice(0, 8)
  return `${name.slice(0, LONGEST_NAME - digest.length - 1)}_${digest}`
}

function resultOf({ content, structuredContent, isError }: CallToolResult): ToolResult {
  const said = content.flatMap((block) => contentOf(block))
  const whole: Content[] =
    said.length === 0 && structuredContent ? [{ type: 'text', text: JSON.stringify(structuredContent) }] : said
  return { ok: isError !== true, content: fewImages(whole) }
}

function contentOf(block: CallToolResult['content'][number]): Content[] {
  switch (block.type) {
    case 'text':
      return [{ type: 'text', text: block.text }]
    case 'image':
      return [imageOf(block.mimeType, block.data)]
    case 'audio':
      return [{ type: 'text', text: `[sound, ${block.mimeType}: not shown]` }]
    case 'resource_link':
      return [{ type: 'text', text: `${block.title ?? block.name}: ${block.uri}` }]
    case 'resource': {
      const { resource } = block
      if ('text' in resource) return [{ type: 'text', text: resource.text }]
      const type = resource.mimeType ?? 'bytes'
      return [type.startsWith('image/') ? imageOf(type, resource.blob) : note(`${resource.uri}: ${type}, not shown`)]
    }
  }
}

const mediaTypes = ['image/png', 'image/jpeg', 'image/webp'] as const

function imageOf(type: string, base64: string): Content {
  const mediaType = mediaTypes.find((one) => one === type)
  const data = Buffer.from(base64, 'base64')
  if (!mediaType) return note(`a picture of type ${type}: not shown, only png, jpeg and webp are`)
  return data.length > LARGEST_IMAGE_BYTES
    ? note(`a picture of ${data.length} bytes: too large to be shown`)
    : { type: 'image', mediaType, data }
}

function fewImages(content: Content[]): Content[] {
  let images = 0
  return content.map((one) =>
    one.type === 'image' && ++images > MOST_IMAGES ? note('one more picture: not shown') : one,
  )
}

const note = (words: string): Content => ({ type: 'text', text: `[${words}]` })
