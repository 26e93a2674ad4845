/** Which file of a patch wants looking at first, and why. */
import type { Finding, Severity } from '@sluice/proto/parts.ts'
import type { PatchFile } from '@sluice/proto/patch.ts'
import { size } from '../story/beside.ts'
import { isDocument } from '../story/own-documents.ts'

export type Risk = { score: number; why: string[] }

/** Said above the files: keep it true to `riskOf`. */
export const riskText =
  'By risk: open findings by severity, paths that touch security or the checks themselves, size, code whose test did not change.'

const weight: Record<Severity, number> = { high: 12, medium: 6, low: 2, info: 1 }
const security =
  /auth|login|session|passw|secret|token|crypt|permission|access|csrf|cors|sanitiz|escap|sql|query|upload|exec|spawn|proxy/i
const judge =
  /(^|\/)(sluice\.ya?ml|package\.json|package-lock\.json|[^/]*lock[^/]*|Dockerfile|Makefile|\.github\/.*|.*\.config\.\w+)$/i
const test = /(^|\/)(tests?|spec|__tests__)\/|[._-](test|spec)\.|_test\.\w+$/i
const code = /\.(m?[jt]sx?|c[jt]s|py|rb|go|rs|java|kt|cs|php|c|cc|cpp|h|hpp|swift|scala|ex|sh|pl|lua|vue|svelte)$/i

type In = { files: readonly PatchFile[]; findings: readonly Finding[]; storyId: string }

export function byRisk({ files, findings, storyId }: In): { file: PatchFile; risk: Risk }[] {
  return files
    .map((file) => ({ file, risk: riskOf(file, { files, findings, storyId }) }))
    .sort((a, b) => b.risk.score - a.risk.score)
}

export function riskOf(file: PatchFile, { files, findings, storyId }: In): Risk {
  const { path } = file
  if (isDocument(path, storyId)) return { score: -1, why: ['document of the story'] }
  const { additions, deletions } = size(file)
  const mine = findings.filter((finding) => finding.path === path)
  const isUntested = code.test(path) && !test.test(path) && !files.some((other) => isTestOf(other.path, path))
  const parts: [number, string][] = [
    [mine.reduce((sum, { severity }) => sum + weight[severity], 0), `${mine.length} open`],
    [security.test(path) ? 4 : 0, 'touches security'],
    [judge.test(path) ? 4 : 0, 'judges or builds'],
    [isUntested ? 2 : 0, 'no test changed'],
    [test.test(path) && deletions > additions ? 3 : 0, 'test shrinks'],
  ]
  const why = parts.flatMap(([score, word]) => (score > 0 ? [word] : []))
  return { score: parts.reduce((sum, [score]) => sum + score, Math.min(5, (additions + deletions) / 60)), why }
}

/** `search.test.ts` and `test/search.ts` are tests of `search.ts`. */
const isTestOf = (path: string, of: string): boolean => test.test(path) && stem(path) === stem(of)

const stem = (path: string): string =>
  path
    .slice(path.lastIndexOf('/') + 1)
    .replace(/^test[._-]/, '')
    .replace(/([._-](test|spec))?\.\w+$/, '')
