/** What an implementer is asked for in this round, as its prompt says it. */
import type { Asked } from './asked.ts'

export type Check = { name: string; command: string }
export type AskedFinding = { reviewer: string; path: string | undefined; kind: string | undefined; claim: string }

export const roundOf = ({ prompt }: Asked): number => Number(/<request round="(\d+)">/.exec(prompt)?.[1] ?? 1)

/** The project's own checks, `name: command` on a line each. */
export function checksIn({ prompt }: Asked): Check[] {
  const lines = /<checks>\n([\s\S]*?)\n<\/checks>/.exec(prompt)?.[1]?.split('\n') ?? []
  return lines.flatMap((line) => {
    const [, name, command] = /^([^:]+): (.+)$/.exec(line) ?? []
    return name && command ? [{ name, command }] : []
  })
}

const FINDING =
  /<finding id="[^"]*" reviewer="([^"]*)" severity="[^"]*"(?: at="([^"]*?)(?::\d+)?")?(?: kind="([^"]*)")?>\n([^\n]*)/g

export const findingsIn = ({ prompt }: Asked): AskedFinding[] =>
  [...prompt.matchAll(FINDING)].map(([, reviewer = '', path, kind, claim = '']) => ({ reviewer, path, kind, claim }))

/** The files with conflict marks; nothing where the story was not put on a new base. */
export function newBaseIn({ prompt }: Asked): { conflicts: string[] } | undefined {
  const told = /<new-base commit="[^"]*">\n([\s\S]*?)\n<\/new-base>/.exec(prompt)?.[1]
  if (told === undefined) return undefined
  return { conflicts: /hold conflict marks: (.+)\./.exec(told)?.[1]?.split(', ') ?? [] }
}
