/** The documents that are printed are current, and are what their names say, by the validators of those who made the formats. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { thisMachine } from '@sluice/kit/resolve/machine.ts'
import { importFrom, npmPackages } from '@sluice/kit/resolve/npm-packages.ts'
import { expect, test } from 'vitest'
import { openapiTools } from '../testing/described.ts'
import { contractFiles } from './contract-files.ts'
import { DOCS_DIR } from './printed.ts'

const files = contractFiles()
const SLOW_MS = 180_000

test.for(Object.entries(files))('%s is current: `npm run schema` prints it', ([name, text]) => {
  expect(readFileSync(join(DOCS_DIR, name), 'utf8')).toBe(text)
})

test(
  'openapi.json is valid by the schema of OpenAPI 3.1',
  async () => {
    type Validator = { validate(document: object): Promise<{ valid: boolean; errors?: unknown }>; version: string }
    const { Validator } = await importFrom<{ Validator: new () => Validator }>(
      await openapiTools(),
      '@seriousme/openapi-schema-validator',
    )
    const validator = new Validator()

    const { valid, errors } = await validator.validate(JSON.parse(files['openapi.json'] ?? ''))

    expect([valid, errors, validator.version]).toEqual([true, undefined, '3.1'])
  },
  SLOW_MS,
)

test(
  'asyncapi.json is valid by AsyncAPI’s own parser, which has nothing to warn of',
  async () => {
    type Diagnostic = { severity: number; message: string; path: unknown[] }
    type Parser = { parse(text: string): Promise<{ document?: unknown; diagnostics: Diagnostic[] }> }
    const place = await npmPackages(thisMachine(), 'asyncapi-parser', ['@asyncapi/parser@3.6.6'])
    const { Parser } = await importFrom<{ Parser: new () => Parser }>(place, '@asyncapi/parser')

    const { document, diagnostics } = await new Parser().parse(files['asyncapi.json'] ?? '')

    const WARNING = 1
    expect(document).toBeDefined()
    expect(diagnostics.filter(({ severity }) => severity <= WARNING)).toEqual([])
  },
  SLOW_MS,
)
