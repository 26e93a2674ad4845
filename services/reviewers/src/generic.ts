/** The generic reviewer: whether a change does what the story asks, is correct, tested, and fails well. */
import { start } from '@sluice/kit/start.ts'
import { modelReviewer } from './model-reviewer.ts'

export const generic = modelReviewer({ name: 'generic' })

if (import.meta.main) await start(generic)
