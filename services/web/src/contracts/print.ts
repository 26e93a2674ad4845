/** Writes the contracts of REST and bus into `docs/`: `npm run schema`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { contractFiles } from './contract-files.ts'
import { DOCS_DIR } from './printed.ts'

for (const [name, text] of Object.entries(contractFiles())) writeFileSync(join(DOCS_DIR, name), text)
