/** The hard line of a story: what was spent, and what calls in flight may still cost. Pure. */

/** US dollars. `reserved` holds the worst case of every call that is under way, by its id. */
export type Line = { spentUsd: number; reserved: ReadonlyMap<string, number> }

export const untouched: Line = { spentUsd: 0, reserved: new Map() }

export type Reservation =
  | { kind: 'reserved'; line: Line }
  /** It does not fit beside the calls under way, but may when they turn out cheaper than their worst case. */
  | { kind: 'wait' }
  | { kind: 'refused'; spentUsd: number; neededUsd: number; budgetUsd: number }

/** Takes the worst case of a call out of what is left of `budgetUsd`; the line itself is shared by all runs of the story. */
export function reserve(line: Line, call: { id: string; usd: number; budgetUsd: number }): Reservation {
  const { id, usd, budgetUsd } = call
  if (line.spentUsd + usd > budgetUsd) return { kind: 'refused', spentUsd: line.spentUsd, neededUsd: usd, budgetUsd }
  if (line.spentUsd + reservedUsd(line) + usd > budgetUsd) return { kind: 'wait' }
  return { kind: 'reserved', line: { ...line, reserved: new Map([...line.reserved, [id, usd]]) } }
}

/** What the call did cost takes the place of its worst case. A second settlement of the same call changes nothing. */
export function settle(line: Line, id: string, usd: number): Line {
  if (!line.reserved.has(id)) return line
  const reserved = new Map([...line.reserved].filter(([other]) => other !== id))
  return { spentUsd: line.spentUsd + usd, reserved }
}

export const reservedUsd = ({ reserved }: Line): number => [...reserved.values()].reduce((sum, usd) => sum + usd, 0)

/** What was spent before this process began, from the usage that RUN kept. */
export async function spentBefore(
  usage: AsyncIterable<{ storyId: string; costUsd: number }>,
): Promise<Map<string, Line>> {
  const lines = new Map<string, Line>()
  for await (const { storyId, costUsd } of usage) {
    const line = lines.get(storyId) ?? untouched
    lines.set(storyId, { ...line, spentUsd: line.spentUsd + costUsd })
  }
  return lines
}
