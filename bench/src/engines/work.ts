/** One scripted story that any agent can do by its own tools: read, mend, run, several times over; each step from what the request holds. */
import { type ScriptedModel, type Spoken, thinking, toolResults } from '@sluice/kit/testing/messages-script.ts'
import type { MessagesRequest } from '@sluice/kit/testing/messages-wire.ts'

export type Steps = number

/** How an agent's tools are called, by whom the story is done. */
export type Vocabulary = {
  read(path: string): Spoken
  edit(path: string, old: string, fresh: string): Spoken
  run(command: string): Spoken
  /** The last reply: a result handed in, or words. */
  finish(): Spoken | string
}

const pathOf = (step: number): string => `src/part-${step}.js`
const filler = Array.from(
  { length: 120 },
  (_, i) => `// ${i} it stands here as it stood before, to the last word`,
).join('\n')

export const projectFiles = (steps: Steps): Record<string, string> => ({
  'check.js':
    'const i = process.argv[2]\nimport("./src/part-" + i + ".js").then(({ f }) => { if (f(2) !== 4) process.exit(1); console.log("ok ".repeat(400)) })\n',
  'package.json': '{"type":"module"}\n',
  ...Object.fromEntries(
    Array.from({ length: steps }, (_, i) => [pathOf(i), `${filler}\nexport const f = (n) => n + 1 // part ${i}\n`]),
  ),
})

export const prompt = `Every file src/part-N.js of this project has the same fault: f(n) is to be n doubled. Mend one after the other, and run
node check.js N after each. ${'Say little. '.repeat(40)}`

/** Reads all it needs side by side, then mends and checks one part after the other. */
export function scriptFor(vocabulary: Vocabulary, steps: Steps): ScriptedModel {
  const { read, edit, run, finish } = vocabulary
  const paths = Array.from({ length: steps }, (_, i) => pathOf(i))
  return (request) => {
    // What is asked beside the work (a title, a warm-up) offers no hands.
    if (!offers(request, edit('', '', ''))) return 'Parts mended'
    const calls = toolResults(request)
    const made = (call: Spoken) => calls.filter(({ name }) => call.type === 'tool_use' && name === call.name).length
    if (made(read('')) === 0) return { content: [thinking('All of them at once.'), ...paths.map(read)] }
    const mended = made(edit('', '', ''))
    if (mended > made(run(''))) return { content: [run(`node check.js ${mended - 1}`)] }
    const path = paths[mended]
    if (path === undefined) return { content: [finish()] }
    const [fault, mend] = [`(n) => n + 1 // part ${mended}`, `(n) => n * 2 // part ${mended}`]
    return { content: [thinking(`Part ${mended}.`), edit(path, fault, mend)] }
  }
}

const offers = ({ tools = [] }: MessagesRequest, call: Spoken): boolean =>
  call.type === 'tool_use' && tools.some((one) => 'name' in one && one.name === call.name)
