/** Writes `proto/schema/` and `docs/events.md`: `npm run schema`. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { eventsPage } from './events-page.ts'
import { schemaFiles } from './json-schema.ts'

const dir = fileURLToPath(new URL('../schema/', import.meta.url))
mkdirSync(dir, { recursive: true })
const files = schemaFiles()
for (const old of readdirSync(dir)) if (!(old in files)) rmSync(dir + old)
for (const [name, text] of Object.entries(files)) writeFileSync(dir + name, text)
writeFileSync(new URL('../../docs/events.md', import.meta.url), eventsPage())
