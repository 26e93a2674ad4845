/** A line that an agent or a person wrote: what stands between backticks is code, all else the text it is. */
import { Code } from '@mantine/core'
import { inlineCode } from './words.ts'

export function Prose({ text }: { text: string }) {
  return inlineCode(text).map(({ code, text: part, at }) =>
    code ? <Code key={at}>{part}</Code> : <span key={at}>{part}</span>,
  )
}
