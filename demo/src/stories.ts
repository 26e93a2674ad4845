/** The demo's stories as they lie in `demo/stories`: what a person asks, what each stage leaves, what the implementer types. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DesignBundle, Requirements, Task } from '@sluice/proto/parts.ts'
import { z } from 'zod'
import { Edit } from './edits.ts'

const FOLDER = join(import.meta.dirname, '..', 'stories')

/** What the designer says of the mockup: its states, the usual one first, and where it answers which criteria. */
export const Drawn = z.strictObject({
  summary: z.string().min(1),
  states: z.array(z.string()).min(1),
  regions: DesignBundle.shape.regions,
})

export type DemoStory = {
  /** The folder's name: `1-search-notes`. */
  id: string
  /** What a person asks for, word for word. */
  text: string
  requirements: Requirements
  /** A page in its usual state; `data-state` on `<html>` shows another, `data-region` marks the regions. */
  mockup: string
  design: z.infer<typeof Drawn>
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
    design: Drawn.parse(JSON.parse(read('design.json'))),
    architecture: read('architecture.md'),
    tasks: z.array(Task).parse(JSON.parse(read('tasks.json'))),
    solution: steps.map((file) => ({ name: file.replace('.edits.json', ''), edits: edits('solution', file) })),
    ...(existsSync(join(folder, id, 'fix.edits.json')) && { fix: edits('fix.edits.json') }),
  }
}

/** The files a story changes that are there before it, each once, in the order they are changed. */
export const changedFiles = ({ solution }: Pick<DemoStory, 'solution'>): string[] =>
  filesBefore(solution.flatMap(({ edits }) => edits))

/** The files that edits expect to be there: those they do not write anew. */
export function filesBefore(edits: readonly Edit[]): string[] {
  const first = new Map([...edits].reverse().map((edit) => [edit.path, edit]))
  return [...new Set(edits.map(({ path }) => path))].filter((path) => first.get(path)?.old !== undefined)
}
