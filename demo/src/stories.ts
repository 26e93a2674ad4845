/** The demo's stories as they lie in `demo/stories`: what a person asks, what each stage leaves, what the implementer types. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Requirements, Task } from '@sluice/proto/parts.ts'
import { z } from 'zod'
import { Edit } from './edits.ts'

const FOLDER = join(import.meta.dirname, '..', 'stories')

export type DemoStory = {
  /** The folder's name: `1-search-notes`. */
  id: string
  /** What a person asks for, word for word. */
  text: string
  requirements: Requirements
  /** A page that shows a state for each `#fragment`, light and dark by the system; regions are marked `data-region`, `data-criteria`. */
  mockup: string
  architecture: string
  tasks: Task[]
  /** What is typed in the first round, in order. */
  solution: { name: string; edits: Edit[] }[]
  /** What is typed when a reviewer has found the planted fault; only one story has one. */
  fix?: Edit[]
}

export const readStories = (folder = FOLDER): DemoStory[] =>
  readdirSync(folder)
    .sort()
    .map((id) => readStory(folder, id))

function readStory(folder: string, id: string): DemoStory {
  const read = (...path: string[]) => readFileSync(join(folder, id, ...path), 'utf8')
  const edits = (...path: string[]) => z.array(Edit).parse(JSON.parse(read(...path)))
  const steps = readdirSync(join(folder, id, 'solution')).sort()
  return {
    id,
    text: read('story.md').trim(),
    requirements: Requirements.parse(JSON.parse(read('requirements.json'))),
    mockup: read('mockup.html'),
    architecture: read('architecture.md'),
    tasks: z.array(Task).parse(JSON.parse(read('tasks.json'))),
    solution: steps.map((file) => ({ name: file.replace('.edits.json', ''), edits: edits('solution', file) })),
    ...(existsSync(join(folder, id, 'fix.edits.json')) && { fix: edits('fix.edits.json') }),
  }
}
