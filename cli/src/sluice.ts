/** `sluice <verb>`: loads the verb's own file and nothing of the others, and turns what goes wrong into a sentence and an exit code. */
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { Refusal } from '@sluice/kit/errors.ts'
import { cacheDir } from '@sluice/kit/paths.ts'
import { dispatch, type Verbs } from './dispatch.ts'
import { Misuse } from './misuse.ts'

// Halves the start of a verb; where the cache cannot be written it changes nothing.
enableCompileCache(join(cacheDir(), 'compiled'))

// `npx sluice` runs us behind a small process of its own: when that is gone, we leave in order.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
process.channel?.unref()

const verbs: Verbs = {
  up: async () => (await import('./up.ts')).up,
  demo: async () => (await import('./verbs/demo.ts')).demo,
  keep: async () => (await import('./verbs/keep.ts')).keep,
  story: {
    summary: 'Submit stories, look at them, decide about them.',
    verbs: {
      new: async () => (await import('./verbs/story-new.ts')).storyNew,
      list: async () => (await import('./verbs/story-list.ts')).storyList,
      show: async () => (await import('./verbs/story-show.ts')).storyShow,
      approve: async () => (await import('./verbs/story-approve.ts')).storyApprove,
      reject: async () => (await import('./verbs/story-reject.ts')).storyReject,
      answer: async () => (await import('./verbs/story-answer.ts')).storyAnswer,
      permit: async () => (await import('./verbs/story-permit.ts')).storyPermit,
      budget: async () => (await import('./verbs/story-budget.ts')).storyBudget,
      retry: async () => (await import('./verbs/story-retry.ts')).storyRetry,
      steer: async () => (await import('./verbs/story-steer.ts')).storySteer,
      interrupt: async () => (await import('./verbs/story-interrupt.ts')).storyInterrupt,
      pause: async () => (await import('./verbs/story-pause.ts')).storyPause,
      resume: async () => (await import('./verbs/story-resume.ts')).storyResume,
      stop: async () => (await import('./verbs/story-stop.ts')).storyStop,
      take: async () => (await import('./verbs/story-take.ts')).storyTake,
      'hand-back': async () => (await import('./verbs/story-hand-back.ts')).storyHandBack,
      attach: async () => (await import('./verbs/story-attach.ts')).storyAttach,
      checkpoints: async () => (await import('./verbs/story-checkpoints.ts')).storyCheckpoints,
      rewind: async () => (await import('./verbs/story-rewind.ts')).storyRewind,
      fork: async () => (await import('./verbs/story-fork.ts')).storyFork,
      compare: async () => (await import('./verbs/story-compare.ts')).storyCompare,
      keep: async () => (await import('./verbs/story-keep.ts')).storyKeep,
      cancel: async () => (await import('./verbs/story-cancel.ts')).storyCancel,
      preview: async () => (await import('./verbs/story-preview.ts')).storyPreview,
    },
  },
  reviewer: {
    summary: 'Look at the reviewers, add one of your own, put another one into a seat.',
    verbs: {
      list: async () => (await import('./verbs/reviewer-list.ts')).reviewerList,
      add: async () => (await import('./verbs/reviewer-add.ts')).reviewerAdd,
      swap: async () => (await import('./verbs/reviewer-swap.ts')).reviewerSwap,
      check: async () => (await import('./verbs/reviewer-check.ts')).reviewerCheck,
      remove: async () => (await import('./verbs/reviewer-remove.ts')).reviewerRemove,
    },
  },
  scale: async () => (await import('./verbs/scale.ts')).scale,
  watch: async () => (await import('./verbs/watch.ts')).watch,
  trace: async () => (await import('./verbs/trace.ts')).trace,
  attach: async () => (await import('./verbs/attach.ts')).attach,
  replay: async () => (await import('./verbs/replay.ts')).replay,
  memory: {
    summary: 'Search what earlier stories and commits left behind, look at it, put it right.',
    verbs: {
      search: async () => (await import('./verbs/memory-search.ts')).memorySearch,
      show: async () => (await import('./verbs/memory-show.ts')).memoryShow,
      edit: async () => (await import('./verbs/memory-edit.ts')).memoryEdit,
      pin: async () => (await import('./verbs/memory-pin.ts')).memoryPin,
      forget: async () => (await import('./verbs/memory-forget.ts')).memoryForget,
    },
  },
  models: async () => (await import('./verbs/models.ts')).models,
  services: async () => (await import('./verbs/services.ts')).services,
  bus: async () => (await import('./verbs/bus.ts')).bus,
  gc: async () => (await import('./verbs/gc.ts')).gc,
  backup: async () => (await import('./verbs/backup.ts')).backup,
  restore: async () => (await import('./verbs/restore.ts')).restore,
  completion: async () => (await import('./verbs/completion.ts')).completionOf(verbs),
  doctor: async () => (await import('./verbs/doctor.ts')).doctor,
}

// `sluice story list | head` closes the pipe early, and that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})

try {
  process.exitCode = await dispatch(verbs, process.argv.slice(2))
} catch (error) {
  process.exitCode = explain(error)
}

/** A bug keeps its stack; everything that was foreseen is one sentence and its mend. */
function explain(error: unknown): number {
  if (!(error instanceof Refusal) && !(error instanceof Misuse)) throw error
  process.stderr.write(`sluice: ${error.message}\n`)
  return error instanceof Misuse ? 2 : 1
}
