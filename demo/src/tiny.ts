/** A repository and a story as small as can be, through the same roles: what the crash matrix plays again and again. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { demoModel } from './model.ts'
import { makeRepository } from './repository.ts'
import type { DemoStory } from './stories.ts'

export const TINY_STORY = 'The greeting is for nobody: let it name the person it greets.'

/** A repository with branch `main` in `dir`, without dependencies; its check takes milliseconds. */
export const makeTinyRepository = (dir: string): Promise<void> =>
  makeRepository(dir, 'Greet', () => {
    for (const [name, text] of Object.entries(FILES)) writeFileSync(join(dir, name), text)
  })

const FILES = {
  'README.md': '# Greet\n\n`sh greet.sh` prints a greeting; `sh test.sh` tests it.\n',
  'greet.sh': 'echo "Hello!"\n',
  'sluice.yaml': 'checks:\n  test: sh test.sh\n',
  'test.sh': 'set -e\nfor test in *.test.sh; do sh "$test"; done\necho "All passed."\n',
  'greet.test.sh': 'test "$(sh greet.sh)" = "Hello!"\n',
}

export const tinyStory: DemoStory = {
  id: 'tiny',
  text: TINY_STORY,
  requirements: {
    title: 'Greet a person by name',
    userStories: ['As somebody who is greeted I want to be named, so that I know who is meant.'],
    criteria: [
      { id: 'C1', text: 'When a name is given, the greeting shall hold it.' },
      { id: 'C2', text: 'When no name is given, the greeting shall be what it was.' },
    ],
    outOfScope: [],
    assumptions: ['One name, given as the first argument.'],
    contradictions: [],
  },
  mockup:
    '<!doctype html>\n<html lang="en">\n<title>Greet</title>\n<pre data-region="terminal">$ sh greet.sh Ada\nHello, Ada!</pre>\n</html>\n',
  design: {
    summary: 'The terminal with the greeting of one person.',
    states: ['usual'],
    regions: [{ id: 'terminal', criteria: ['C1'], what: 'What is typed and what is printed.' }],
  },
  architecture: `# Greeting by name

## Modules
\`greet.sh\` takes a name as its first argument. \`name.test.sh\` is new.

## Decisions
One branch in the script: without a name the greeting is what it was.

## Risks
The name is printed and not run: it stands in double quotes.
`,
  tasks: [
    { id: 'T1', title: 'Name the person', detail: 'greet.sh, name.test.sh.', dependsOn: [], criteria: ['C1', 'C2'] },
  ],
  solution: [
    {
      name: '1-name',
      edits: [
        {
          path: 'greet.sh',
          old: 'echo "Hello!"\n',
          new: 'if test "$1"; then echo "Hello, $1!"; else echo "Hello!"; fi\n',
        },
        { path: 'name.test.sh', new: 'test "$(sh greet.sh Ada)" = "Hello, Ada!"\n' },
      ],
    },
  ],
}

export const tinyModel = demoModel([tinyStory], { pace: 'fast' })
