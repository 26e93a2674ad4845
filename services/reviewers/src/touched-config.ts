/** Configuration and package scripts by which a change is judged, touched by that change. */
import { isJudgingConfig, judgingPart } from './judging-config.ts'
import { changedScripts, manifestOf } from './package-scripts.ts'
import { changedLines, type Sides, type Touch } from './touch.ts'

export function configTouched({ file, base, head }: Sides): Touch[] {
  const { path, oldPath = path, status } = file
  const whole = { file, detail: changedLines(file) }
  if ([path, oldPath].includes('sluice.yaml')) {
    const claim = `sluice.yaml, which says how this project is judged, was ${status}.`
    return [{ ...whole, kind: 'sluice.yaml', severity: 'high', claim }]
  }
  if (isJudgingConfig(path) || isJudgingConfig(oldPath)) {
    const claim = `${path}, which configures what judges this change, was ${status}.`
    return [{ ...whole, kind: 'config', severity: 'medium', claim }]
  }
  const [before, after] = [judgingPart(oldPath, base), judgingPart(path, head)]
  if (before === after) return []
  const detail = `${marked('-', before)}\n${marked('+', after)}`.trim()
  const claim = `The part of ${path} that configures what judges this change was changed.`
  return [{ file, kind: 'config', severity: 'medium', detail, claim }]
}

const marked = (mark: string, text: string): string => (text ? text.replace(/^/gm, mark) : '')

export function scriptsTouched({ file, base, head }: Sides, commands: string[]): Touch[] {
  const { path, oldPath = path, status } = file
  const manifest = (at: string): boolean => /(^|\/)package\.json$/.test(at)
  // A package that is new had no scripts that judged anything.
  if (!(manifest(path) || manifest(oldPath)) || (status === 'added' && path !== 'package.json')) return []

  const [before, after] = [manifestOf(manifest(oldPath) ? base : null), manifestOf(manifest(path) ? head : null)]
  return changedScripts(commands, before.scripts ?? {}, after.scripts ?? {}).map((script) => ({
    kind: `script ${script.name}`,
    file,
    severity: 'high',
    detail: [scriptLine('-', script.name, script.before), scriptLine('+', script.name, script.after)].flat().join('\n'),
    claim: `The script \`${script.name}\` of ${path}, which the checks of this project run, was changed.`,
  }))
}

const scriptLine = (mark: string, name: string, body: string | undefined): string[] =>
  body === undefined ? [] : [`${mark}${JSON.stringify(name)}: ${JSON.stringify(body)}`]
