/** Both contracts, file name → content, as they stand in `docs/`. */
import { asyncapi } from './asyncapi.ts'
import { openapi } from './openapi.ts'

export const contractFiles = (): Record<string, string> => ({
  'asyncapi.json': print(asyncapi()),
  'openapi.json': print(openapi()),
})

const print = (document: unknown): string => `${JSON.stringify(document, null, 2)}\n`
