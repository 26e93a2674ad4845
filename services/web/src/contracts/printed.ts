/** The contracts as they are printed into `docs/`: what the house serves of them, and who may read it. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { refuse } from '../refused.ts'

export const DOCS_DIR = join(import.meta.dirname, '../../../../docs')

const documents = ['openapi.json', 'asyncapi.json']

export async function contractNamed(name: string): Promise<Record<string, unknown>> {
  if (!documents.includes(name))
    refuse(404, `There is no contract ${name.slice(0, 80)}.`, `There are ${documents.join(' and ')}.`)
  return JSON.parse(await readFile(join(DOCS_DIR, name), 'utf8'))
}
