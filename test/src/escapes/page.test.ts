/** docs/jail.md lists what the suite tries, and nothing else. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { DOC, printed } from './print.ts'

test('the list in docs/jail.md is current: `node test/src/escapes/print.ts` prints it', () => {
  const page = readFileSync(DOC, 'utf8')

  expect(printed(page)).toBe(page)
})
