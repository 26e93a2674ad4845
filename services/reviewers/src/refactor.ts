/** The refactor reviewer: dead code, names, needless machinery and copies that a change brings in. */
import { start } from '@sluice/kit/start.ts'
import { modelReviewer } from './model-reviewer.ts'

export const refactor = modelReviewer({ name: 'refactor' })

if (import.meta.main) await start(refactor)
