/** The story's documents as the host's own commit, before any code: nothing is written to the tree after it is judged. */
import type { Artifacts } from '@sluice/kit/artifacts.ts'
import { commitAll } from '@sluice/kit/changes.ts'
import { TerminalError } from '@sluice/kit/errors.ts'
import type { Identity } from '@sluice/kit/repository.ts'
import type { Run } from '@sluice/kit/run.ts'
import { Outside, openBeneath } from '@sluice/kit/tools/beneath.ts'
import type { Worktree } from '@sluice/kit/worktree.ts'
import type { Asked } from './implementer.ts'

type Job = { data: Asked; storyId: string; author: Identity; artifacts: Artifacts; run: Run }

/** Once: a branch that holds them is left alone, so that no half-done work of an agent is swept into this commit. */
export async function writeDocuments(
  worktree: Worktree,
  { data, storyId, author, artifacts, run }: Job,
): Promise<void> {
  if (!data.config.documents) return
  const { repository, branch, dir } = worktree
  const expectedTip = await repository.head(branch)
  const documents = Object.entries(await documentsOf(data, storyId, artifacts))
  const there = await Promise.all(
    documents.map(async ([path, text]) => (await repository.readAt(expectedTip, path)) === text),
  )
  if (there.every(Boolean)) return

  await writeBeneath(dir, documents)
  await run.fence()
  await commitAll(worktree, {
    message: `Documents of: ${data.title}`,
    author,
    expectedTip,
    trailers: { Story: storyId },
  })
}

/** A link in the tree, of the repository's or of an agent's, must not take the host's pen elsewhere. */
async function writeBeneath(dir: string, documents: [path: string, text: string][]): Promise<void> {
  const beneath = await openBeneath(dir)
  for (const [path, text] of documents)
    await beneath.write(path, text).catch((cause: unknown) => {
      if (!(cause instanceof Outside)) throw cause
      throw new TerminalError(
        `The story’s documents cannot be written: ${cause.message} Remove the link, or set \`documents: false\` in sluice.yaml.`,
        { cause },
      )
    })
}

async function documentsOf(
  { approved, title }: Asked,
  storyId: string,
  artifacts: Artifacts,
): Promise<Record<string, string>> {
  const dir = `.sluice/stories/${storyId}`
  const text = async (artifact: { sha256: string }) => (await artifacts.get(artifact)).toString()
  const tasks = approved.tasks.map((t) => `- **${t.id}** ${t.title} (${t.criteria.join(', ')})`).join('\n')
  return {
    [`${dir}/requirements.md`]: await text(approved.requirementsDocument),
    [`${dir}/architecture.md`]: await text(approved.architectureDocument),
    [`${dir}/tasks.md`]: `# Tasks\n\n${tasks}\n`,
    [`.changes/${storyId}.md`]: `${title}\n`,
  }
}
