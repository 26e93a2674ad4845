/** The parts of an OpenAPI and an AsyncAPI document that the reference shows, read once as they come. */
import { z } from 'zod'

export const Schema = z.record(z.string(), z.unknown())
export type Schema = z.infer<typeof Schema>
export type Schemas = Readonly<Record<string, Schema>>

const Components = z.looseObject({ schemas: z.record(z.string(), Schema) })
const Info = z.looseObject({ version: z.string(), description: z.string().default('') })
const Tag = z.looseObject({ name: z.string(), description: z.string().default('') })

const Media = z.looseObject({
  schema: Schema.default({}),
  example: z.unknown().optional(),
  'x-event-data': Schema.optional(),
})
export type Media = z.infer<typeof Media>
const Content = z.record(z.string(), Media)
export type Content = z.infer<typeof Content>

export const Parameter = z.looseObject({
  name: z.string(),
  in: z.string(),
  description: z.string().default(''),
  required: z.boolean().default(false),
  schema: Schema,
})
export type Parameter = z.infer<typeof Parameter>

export const Operation = z.looseObject({
  operationId: z.string(),
  tags: z.array(z.string()),
  summary: z.string(),
  description: z.string().default(''),
  security: z.array(z.record(z.string(), z.unknown())),
  parameters: z.array(Parameter),
  requestBody: z.looseObject({ content: Content }).optional(),
  responses: z.record(z.string(), z.looseObject({ description: z.string(), content: Content.default({}) })),
})
export type Operation = z.infer<typeof Operation>

export const OpenApi = z.looseObject({
  info: Info,
  tags: z.array(Tag),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: Components,
})
export type OpenApi = z.infer<typeof OpenApi>

const Ref = z.looseObject({ $ref: z.string() })

export const Channel = z.looseObject({
  address: z.string().nullable(),
  description: z.string().default(''),
  parameters: z
    .record(z.string(), z.looseObject({ description: z.string().default(''), enum: z.array(z.string()).optional() }))
    .default({}),
  messages: z.record(z.string(), Ref),
  'x-kept': z.string().optional(),
})
export type Channel = z.infer<typeof Channel>

export const Message = z.looseObject({
  headers: Ref.optional(),
  payload: Schema,
  examples: z.array(z.looseObject({ payload: z.unknown() })).default([]),
})
export type Message = z.infer<typeof Message>

const Spoken = z.looseObject({
  action: z.enum(['send', 'receive']),
  channel: Ref,
  reply: z.looseObject({ channel: Ref }).optional(),
})

export const AsyncApi = z.looseObject({
  info: Info.extend({ tags: z.array(Tag) }),
  channels: z.record(z.string(), Channel),
  operations: z.record(z.string(), Spoken),
  components: Components.extend({ messages: z.record(z.string(), Message) }),
  'x-users': z.record(z.string(), z.object({ publish: z.array(z.string()), subscribe: z.array(z.string()) })),
})
export type AsyncApi = z.infer<typeof AsyncApi>

/** The last part of `#/components/schemas/Finding`. */
export const nameIn = (ref: string): string => ref.split('/').at(-1) ?? ''

/** Every word stands somewhere. */
export function speaksOf(text: string, wanted: string): boolean {
  const all = text.toLowerCase()
  return wanted
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word))
}
