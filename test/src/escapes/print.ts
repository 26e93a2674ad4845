/** `node test/src/escapes/print.ts`: writes the list of ways out that are tried into docs/jail.md. */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { groups } from './attempts.ts'
import { traps } from './host.ts'

export const DOC = fileURLToPath(new URL('../../../docs/jail.md', import.meta.url))
const [BEGIN, END] = ['<!-- printed by test/src/escapes/print.ts -->', '<!-- end of what is printed -->']

/** The page with its list as the suite has it. */
export function printed(page: string): string {
  const [before = '', rest = ''] = page.split(BEGIN)
  const [, after = ''] = rest.split(END)
  return `${before}${BEGIN}\n${list()}\n${END}${after}`
}

function list(): string {
  const tables = groups.map(({ about, attempts }) =>
    table(
      about,
      attempts.map(({ tries, heldBy }) => [tries, heldBy]),
    ),
  )
  const left = table(
    'Left for Sluice itself',
    traps.map(({ tries, heldBy }) => [tries, heldBy]),
  )
  return [...tables, left].join('\n')
}

const table = (about: string, rows: string[][]): string =>
  [
    `### ${about}`,
    '',
    '| what is tried | what holds it |',
    '|---|---|',
    ...rows.map((row) => `| ${row.map(cell).join(' | ')} |`),
    '',
  ].join('\n')

const cell = (text: string): string => text.replaceAll('|', '\\|')

if (import.meta.main) writeFileSync(DOC, printed(readFileSync(DOC, 'utf8')))
