/** What is printed for other languages is what is checked here. */
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { schemaFiles } from './json-schema.ts'

const dir = new URL('../schema/', import.meta.url)

test('the printed schemas are current: `npm run schema` writes them', () => {
  const printed = Object.fromEntries(readdirSync(dir).map((name) => [name, readFileSync(new URL(name, dir), 'utf8')]))

  expect(printed).toEqual(schemaFiles())
})
