/** What of an agent's terminal reaches a person's own, however it is cut into pieces. */
import { expect, test } from 'vitest'
import { harmless } from './harmless.ts'

const through = (text: string, cut = text.length): string => {
  const pass = harmless()
  return pass(text.slice(0, cut)) + pass(text.slice(cut))
}

const cases: [what: string, text: string, shown: string][] = [
  [
    'colours and cursor',
    'a\u001b[1;31mred\u001b[0m\u001b[2;5H\u001b[K\r\n',
    'a\u001b[1;31mred\u001b[0m\u001b[2;5H\u001b[K\r\n',
  ],
  ['the other screen', '\u001b[?1049h\u001b[?25l', '\u001b[?1049h\u001b[?25l'],
  ['a title', 'a\u001b]0;pwned\u0007b', 'ab'],
  ['the clipboard', 'a\u001b]52;c;cm0gLXJm\u001b\\b', 'ab'],
  ['a question to the terminal', 'a\u001b[6n\u001b[c\u001b[>0qb', 'ab'],
  ['mouse reports and pasted brackets', '\u001b[?1000h\u001b[?2004hx', 'x'],
  ['a device string', 'a\u001bP$q"p\u001b\\b', 'ab'],
  ['a sequence put together from what is left of others', '\u001b\u0007[6n\u001b]0;x\u001b[6nb', '[6nb'],
  ['single controls', 'a\u0005\u0007\u009b6nb', 'a6nb'],
]

test.for(cases)('%s, whole and cut in two at every place', ([, text, shown]) => {
  const all = Array.from({ length: text.length + 1 }, (_, cut) => through(text, cut))

  expect(new Set(all)).toEqual(new Set([shown]))
})
