/** The implementer: one round of work in the story's own worktree, committed by the host. */
import { join } from 'node:path'
import { commitAll } from '@sluice/kit/changes.ts'
import { openCheckpoints } from '@sluice/kit/checkpoints.ts'
import { TerminalError } from '@sluice/kit/errors.ts'
import { completed } from '@sluice/kit/outcome.ts'
import { pictureContent } from '@sluice/kit/pictures.ts'
import { projectFiles } from '@sluice/kit/project-files.ts'
import { guideContent } from '@sluice/kit/project-guide.ts'
import { promptFile } from '@sluice/kit/prompt.ts'
import { remembered } from '@sluice/kit/remembered.ts'
import { openRepository } from '@sluice/kit/repository.ts'
import { defineRole } from '@sluice/kit/role.ts'
import { start } from '@sluice/kit/start.ts'
import { askTool, memorySearchTool } from '@sluice/kit/tools/asking.ts'
import { openOutputs } from '@sluice/kit/tools/outputs.ts'
import { readingTools } from '@sluice/kit/tools/reading.ts'
import { type Renderer, renderTool } from '@sluice/kit/tools/render.ts'
import { ripgrepIn } from '@sluice/kit/tools/ripgrep.ts'
import { shellTools } from '@sluice/kit/tools/shell.ts'
import { worktreeSource } from '@sluice/kit/tools/source.ts'
import { openItems, todoTool } from '@sluice/kit/tools/todo.ts'
import { writingTools } from '@sluice/kit/tools/writing.ts'
import { makeWorktree } from '@sluice/kit/worktree.ts'
import { holdWorktree } from '@sluice/kit/worktree-hold.ts'
import { worktreePlace } from '@sluice/kit/worktree-place.ts'
import type { EventOf } from '@sluice/proto/event.ts'
import { Build, BuildRequested } from '@sluice/proto/events.ts'
import { z } from 'zod'
import { checkpoint } from './checkpoint.ts'
import { checksNotSeen } from './checks-not-seen.ts'
import { writeDocuments } from './documents.ts'
import { handIn } from './hand-in.ts'
import { keepLogs } from './keep-logs.ts'
import { promptFor } from './prompt.ts'
import { putOnBase } from './put-on-base.ts'
import { setUp } from './set-up.ts'
import { recordedShell } from './shell.ts'
import { workSoFar } from './work-so-far.ts'

export type Asked = EventOf<typeof BuildRequested>['data']
const Built = z.object({ summary: z.string().min(1) })
const system = promptFile(import.meta.url)

export const implementer = defineRole({
  name: 'implementer',
  takes: BuildRequested,
  gives: Build,
  uses: ['agent', 'memory'],

  async answer({ data, storyId = '', projectId }, means) {
    const { agent, memory, artifacts, workshop, run, signal } = means
    const repository = await openRepository(data.repository.root)
    const author = await repository.requireIdentity()
    const dir = worktreePlace(workshop.dataDir, { projectId, id: storyId })
    const worktree = await makeWorktree({ repository, dir, branch: data.branch, base: data.repository.commit, signal })

    await using _held = await holdWorktree(worktree.dir, { owner: 'implementer', run: run.id, attempt: run.attempt })
    const base = await putOnBase(worktree, { data, storyId, author, run })
    const checkpoints = await openCheckpoints(worktree, { storyId, run, author })
    if (data.rewind) await checkpoints.rewind(data.rewind)
    await writeDocuments(worktree, { data, storyId, author, artifacts, run })
    const commit = async (summary: string, recording: () => string | null) => {
      await run.fence()
      await commitAll(worktree, {
        message: commitMessage(data, summary),
        author,
        expectedTip: await repository.head(data.branch),
        trailers: { Story: storyId },
      })
      const handedIn = await handIn(repository, { branch: data.branch, base, artifacts, recording })
      if (handedIn.files.length === 0) throw new TerminalError('The round ended without a change to the project.')
      return completed({ ...handedIn, summary, designDigest: data.approved.design.digest })
    }
    // The person did the work themselves: it is handed in as they left it, and no model is asked.
    if (data.handIn) {
      await run.append('session', { occupant: { program: 'person', version: 'by hand' } })
      return commit(data.handIn.summary, () => null)
    }

    const outputs = openOutputs(join(run.dir, 'outputs'))
    const place = { dir: worktree.dir, ...(await workshop.jailed(worktree.dir, { writable: [outputs.jailDir] })) }
    await using _ready = await setUp(worktree, { config: data.config, projectId, place, means })

    const recalled = await remembered(memory, run, data)
    await using shell = recordedShell(worktree.dir, { place, run, workshop, artifacts })
    const soFar = await workSoFar(worktree, base)
    const source = await worktreeSource(worktree.dir, {
      list: () => projectFiles(worktree),
      search: await ripgrepIn(place),
    })
    const browser: Renderer = { render: async (request) => (await workshop.browser()).render(request) }
    const unseen = checksNotSeen(run, data.config.checks)
    const { output } = await agent.run({
      system,
      prompt: [
        { type: 'text', text: await promptFor(data, { recalled, artifacts, soFar }) },
        ...(await guideContent(repository, base)),
        ...(await pictureContent(data.approved.design, artifacts)),
      ],
      tools: [
        ...shellTools({
          ...{ open: shell.open, renewed: shell.renewed, outputs, browser },
          note: (note) => run.append('note', note),
        }),
        ...readingTools(source),
        ...(await writingTools(worktree.dir)),
        renderTool({ source, browser }),
        todoTool(run),
        memorySearchTool(memory),
        askTool(data.answers),
      ],
      output: Built,
      check: () => openItems(run) ?? unseen.once(),
      place,
      onTurn: (turn) => checkpoint(turn, checkpoints, means),
      signal,
    })

    // Nothing of the agent runs any more when its tree is read.
    await shell.close()
    await keepLogs(outputs, { run, artifacts })
    const built = await commit(output.summary + unseen.note(), shell.recording)
    shell.handedIn()
    return built
  },
})

const commitMessage = ({ title, round }: Asked, summary: string): string =>
  `${title}${round > 1 ? ` (round ${round})` : ''}\n\n${summary}`

if (import.meta.main) await start(implementer)
