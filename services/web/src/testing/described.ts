/** Holds what web answers against its OpenAPI document: status, media type, every field and no other. */

import { thisMachine } from '@sluice/kit/resolve/machine.ts'
import { importFrom, npmPackages } from '@sluice/kit/resolve/npm-packages.ts'

/** The validator of OpenAPI's own schemas brings a JSON Schema validator with it. Fetched by the tests alone. */
const VALIDATOR = ['@seriousme/openapi-schema-validator@2.11.0', 'ajv@8.20.0', 'ajv-formats@3.0.1']

export const openapiTools = (): Promise<string> => npmPackages(thisMachine(), 'openapi-validator', VALIDATOR)

type Validate = ((value: unknown) => boolean) & {
  errors?: { instancePath: string; message?: string; params?: object }[] | null
}
type Ajv = { addSchema(schema: object, key: string): Ajv; getSchema(ref: string): Validate | undefined }

export type Reply = { status: number; type: string | null; body: unknown }

export type Described = {
  /** What of this reply the document does not say; empty when it says all of it. */
  problems(method: string, path: string, reply: Reply): string[]
  /** Every example that does not fit its own schema. */
  badExamples(): string[]
  /** Operations that were answered well so far. */
  answered: ReadonlySet<string>
  operations: readonly string[]
}

type Content = Record<string, { schema?: object; example?: unknown; 'x-event-data'?: object }>
type Operation = {
  operationId: string
  requestBody?: { content: Content }
  responses: Record<string, { content?: Content }>
}
type Document = { paths: Record<string, Record<string, Operation>> }

export async function openDescribed(document: object): Promise<Described> {
  const place = await openapiTools()
  const { Ajv2020 } = await importFrom<{ Ajv2020: new (options: object) => Ajv }>(place, 'ajv/dist/2020.js')
  const { default: formats } = await importFrom<{ default: { default: (ajv: Ajv) => Ajv } }>(place, 'ajv-formats')
  const open = document as Document
  const ajv = formats.default(new Ajv2020({ strict: false, allErrors: true })).addSchema(closed(document), 'api')
  const paths = Object.entries(open.paths)
  const answered = new Set<string>()

  function misfits(value: unknown, ...at: string[]): string[] {
    const validate = ajv.getSchema(`api#/${at.map((part) => encodeURIComponent(pointer(part))).join('/')}`)
    if (!validate) return [`There is no schema at ${at.join(' ')}.`]
    if (validate(value)) return []
    return (validate.errors ?? []).map(({ instancePath, message, params }) =>
      [at.slice(1, 3).join(' '), instancePath, message, JSON.stringify(params)].join(' '),
    )
  }

  return {
    answered,
    operations: paths.flatMap(([, methods]) => Object.values(methods).map(({ operationId }) => operationId)),

    problems(verb, address, { status, type, body }) {
      const method = verb.toLowerCase()
      const path = pathOf(
        address.split('?')[0] ?? '',
        paths.filter(([, methods]) => methods[method]).map(([one]) => one),
      )
      const operation = path === undefined ? undefined : open.paths[path]?.[method]
      if (path === undefined || !operation) return [`${verb} ${address} is not described.`]
      const response = operation.responses[String(status)]
      if (!response) return [`${verb} ${path} answered ${status}, which is not described.`]
      if (status < 400) answered.add(operation.operationId)
      if (!response.content) return body === '' ? [] : [`${verb} ${path} answered a body with ${status}.`]
      const media = type?.split(';')[0] ?? ''
      const content = response.content[media]
      if (!content) return [`${verb} ${path} answered ${media || 'nothing'} with ${status}.`]
      const at = ['paths', path, method, 'responses', String(status), 'content', media]
      if (media === 'application/json') return misfits(body, ...at, 'schema')
      return content['x-event-data'] ? (body as unknown[]).flatMap((one) => misfits(one, ...at, 'x-event-data')) : []
    },

    badExamples: () =>
      paths.flatMap(([path, methods]) =>
        Object.entries(methods).flatMap(([method, { requestBody, responses }]) =>
          [
            ...contents(requestBody?.content, ['requestBody']),
            ...Object.entries(responses).flatMap(([status, { content }]) => contents(content, ['responses', status])),
          ].flatMap(({ at, example }) => misfits(example, 'paths', path, method, ...at)),
        ),
      ),
  }
}

const contents = (content: Content | undefined, at: string[]) =>
  Object.entries(content ?? {})
    .filter(([, one]) => one.example !== undefined)
    .map(([media, { example }]) => ({ at: [...at, 'content', media, 'schema'], example }))

/** The most literal of those that fit. */
function pathOf(address: string, templates: readonly string[]): string | undefined {
  const fits = templates.filter((path) => new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`).test(address))
  return fits.sort((a, b) => a.split('{').length - b.split('{').length)[0]
}

const pointer = (part: string): string => part.replaceAll('~', '~0').replaceAll('/', '~1')

/** An object holds what is described and nothing else: a field that nobody described turns a test red. */
function closed(value: unknown): object {
  if (Array.isArray(value)) return value.map(closed)
  if (typeof value !== 'object' || value === null) return value as unknown as object
  const inner = Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, name === 'example' ? one : closed(one)]),
  )
  const isObject = 'properties' in inner && inner.type === 'object' && !('additionalProperties' in inner)
  return isObject ? { ...inner, additionalProperties: false } : inner
}
