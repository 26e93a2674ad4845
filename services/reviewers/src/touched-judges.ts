/** What judges a change and was touched by it: its configuration, its scripts, its tests. Only a person may let that pass. */
import type { Repository } from '@sluice/kit/repository.ts'
import type { Finding, Judged, ProjectConfig } from '@sluice/proto/parts.ts'
import { checksSeat as seat } from '@sluice/proto/pipeline.ts'
import type { TouchedFile } from './change.ts'
import { contentsOf } from './contents.ts'
import { findingId } from './finding-id.ts'
import { isJudgingConfig, judgingPart } from './judging-config.ts'
import { changedScripts, manifestOf } from './package-scripts.ts'
import { isSkip, testsIn } from './test-files.ts'

type Job = {
  storyId: string
  judged: Pick<Judged, 'base' | 'commit'>
  touched: TouchedFile[]
  config: Pick<ProjectConfig, 'setup' | 'checks'>
}
/** A touched file with its text on both sides. */
type Sides = { file: TouchedFile; base: string | null; head: string | null }
type Touch = { kind: string; file: TouchedFile; claim: string; detail: string; line?: number; config?: boolean }

export async function touchedJudges(
  repository: Repository,
  { storyId, judged, touched, config }: Job,
): Promise<Finding[]> {
  const commands = [...(config.setup ? [config.setup] : []), ...config.checks.map((check) => check.command)]
  const all = await sidesOf(repository, judged, touched)
  const fewer = testCount(all, 'head') < testCount(all, 'base')
  const found = all.flatMap((sides) => [
    ...configTouched(sides),
    ...scriptsTouched(sides, commands),
    ...testsGone(sides, fewer),
  ])
  return [...found, ...newlySkipped(touched)].map((touch) => findingOf(touch, storyId))
}

async function sidesOf(repository: Repository, judged: Job['judged'], touched: TouchedFile[]): Promise<Sides[]> {
  const [base, head] = await Promise.all([
    contentsOf(
      repository,
      judged.base,
      touched.map(({ path, oldPath = path }) => oldPath),
    ),
    contentsOf(
      repository,
      judged.commit,
      touched.map(({ path }) => path),
    ),
  ])
  return touched.map((file) => ({
    file,
    base: base.get(file.oldPath ?? file.path)?.toString() ?? null,
    head: head.get(file.path)?.toString() ?? null,
  }))
}

/** The same touch of the same file is the same finding on whatever base: dismissed once, it stays dismissed when the story lands. */
function findingOf({ kind, file, claim, detail, line, config }: Touch, storyId: string): Finding {
  return {
    id: findingId(seat, storyId, kind, file.path, detail),
    seat,
    severity: config ? 'medium' : 'high',
    blocking: true,
    personOnly: true,
    path: file.path,
    ...(line === undefined ? {} : { startLine: line, endLine: line }),
    claim,
    evidence: clipped(detail),
  }
}

const MOST_EVIDENCE_LINES = 40

function clipped(detail: string): string {
  const lines = detail.split('\n')
  const more = lines.length - MOST_EVIDENCE_LINES
  return more > 0 ? `${lines.slice(0, MOST_EVIDENCE_LINES).join('\n')}\n(${more} more lines)` : detail
}

/** Removed and added lines, without what stands around them: that may differ from base to base. */
const changedLines = ({ hunks, status }: TouchedFile): string =>
  hunks
    .flatMap((hunk) => hunk.lines)
    .flatMap(({ kind, text }) => (kind === '+' || kind === '-' ? [`${kind}${text}`] : []))
    .join('\n') || `(${status})`

// ── configuration and scripts ────────────────────────────────────────────────

function configTouched({ file, base, head }: Sides): Touch[] {
  const { path, oldPath = path, status } = file
  const detail = changedLines(file)
  if ([path, oldPath].includes('sluice.yaml'))
    return [
      {
        kind: 'sluice.yaml',
        file,
        detail,
        claim: `sluice.yaml, which says how this project is judged, was ${status}.`,
      },
    ]
  if (isJudgingConfig(path) || isJudgingConfig(oldPath))
    return [
      {
        kind: 'config',
        file,
        detail,
        config: true,
        claim: `${path}, which configures what judges this change, was ${status}.`,
      },
    ]

  const [before, after] = [judgingPart(oldPath, base), judgingPart(path, head)]
  if ((before ?? '') === (after ?? '')) return []
  const claim = `The part of ${path} that configures what judges this change was changed.`
  return [{ kind: 'config', file, detail: `${marked('-', before)}\n${marked('+', after)}`.trim(), config: true, claim }]
}

const marked = (mark: string, text: string | null): string => (text ? text.replace(/^/gm, mark) : '')

function scriptsTouched({ file, base, head }: Sides, commands: string[]): Touch[] {
  const { path, oldPath = path, status } = file
  const manifest = (at: string): boolean => /(^|\/)package\.json$/.test(at)
  // A package that is new had no scripts that judged anything.
  if (!(manifest(path) || manifest(oldPath)) || (status === 'added' && path !== 'package.json')) return []

  const [before, after] = [manifestOf(manifest(oldPath) ? base : null), manifestOf(manifest(path) ? head : null)]
  return changedScripts(commands, before.scripts ?? {}, after.scripts ?? {}).map((script) => ({
    kind: `script ${script.name}`,
    file,
    detail: [scriptLine('-', script.name, script.before), scriptLine('+', script.name, script.after)].flat().join('\n'),
    claim: `The script \`${script.name}\` of ${path}, which the checks of this project run, was changed.`,
  }))
}

const scriptLine = (mark: string, name: string, body: string | undefined): string[] =>
  body === undefined ? [] : [`${mark}${JSON.stringify(name)}: ${JSON.stringify(body)}`]

// ── tests ────────────────────────────────────────────────────────────────────

const testsBefore = ({ file: { path, oldPath = path }, base }: Sides): number => testsIn(oldPath, base ?? '')
const testsAfter = ({ file: { path }, head }: Sides): number => testsIn(path, head ?? '')
const testCount = (all: Sides[], side: 'base' | 'head'): number =>
  all.reduce((sum, one) => sum + (side === 'base' ? testsBefore(one) : testsAfter(one)), 0)

/** A file that holds no test any more, wherever its tests are said to be now; single ones only where there are fewer in all. */
function testsGone(sides: Sides, fewer: boolean): Touch[] {
  const { file } = sides
  const [before, after] = [testsBefore(sides), testsAfter(sides)]
  if (after >= before || (after > 0 && !fewer)) return []
  const { path, oldPath = path, status } = file
  const detail = changedLines(file)
  const tests = (n: number): string => (n === 1 ? '1 test' : `${n} tests`)
  if (after > 0) return [{ kind: 'fewer tests', file, detail, claim: `${path} had ${tests(before)} and has ${after}.` }]
  const how =
    status === 'deleted' ? 'was deleted' : path === oldPath ? 'has none left' : `became ${path}, which is no test file`
  return [{ kind: 'tests gone', file, detail, claim: `${oldPath}, which had ${tests(before)}, ${how}.` }]
}

/** Lines that were there before, here or in another file, are no new skips. */
function newlySkipped(touched: TouchedFile[]): Touch[] {
  const lines = touched.flatMap((file) =>
    file.hunks.flatMap((hunk) => hunk.lines).map((line) => ({ file, ...line, text: line.text.trim() })),
  )
  const removed = lines
    .filter(({ kind, file, text }) => kind === '-' && isSkip(file.oldPath ?? file.path, text))
    .map((l) => l.text)
  const added = lines.filter(({ kind, file, text }) => {
    if (kind !== '+' || !isSkip(file.path, text)) return false
    const moved = removed.indexOf(text)
    if (moved >= 0) removed.splice(moved, 1)
    return moved < 0
  })
  const files = [...new Set(added.map(({ file }) => file))]
  return files.map((file) => {
    const own = added.filter((line) => line.file === file)
    const lines = own.length === 1 ? 'A line' : `${own.length} lines`
    const claim = `${lines} of ${file.path} that this change adds keep${own.length === 1 ? 's' : ''} tests from running.`
    return { kind: 'skipped', file, claim, detail: own.map((l) => `+${l.text}`).join('\n'), ...lineOf(own[0]?.new) }
  })
}

const lineOf = (line: number | undefined): { line?: number } => (line === undefined ? {} : { line })
