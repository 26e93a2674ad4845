/** Writes `proto/schema/`: `npm run schema`. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { schemaFiles } from './json-schema.ts'

const dir = fileURLToPath(new URL('../schema/', import.meta.url))
mkdirSync(dir, { recursive: true })
const files = schemaFiles()
for (const old of readdirSync(dir)) if (!(old in files)) rmSync(dir + old)
for (const [name, text] of Object.entries(files)) writeFileSync(dir + name, text)
