/** What model calls cost, by story, role, model and day: a fold over the ledger. Pure. */
import { addUsage, noUsage } from '@sluice/proto/parts.ts'
import type { Card, LedgerEntry, Money, Slice } from '@sluice/proto/rest.ts'

export type MoneyOf = { entries: readonly LedgerEntry[]; cards: readonly Card[]; scripted: string | null }

/** What costs most comes first; days come newest first. */
export function moneyOf({ entries, cards, scripted }: MoneyOf): Money {
  const calls = entries.filter((entry) => entry.door === 'model' && entry.usage !== undefined)
  const by = (nameOf: (entry: LedgerEntry) => string) =>
    [...Map.groupBy(calls, nameOf)].map(([name, mine]) => slice(name, mine))
  const spent = new Map(by(({ storyId }) => storyId ?? '').map((one) => [one.name, one]))
  return {
    scripted,
    total: slice('total', calls),
    stories: cards
      .map(({ id, title, status, budgetUsd }) => ({ ...(spent.get(id) ?? slice(id, [])), title, status, budgetUsd }))
      .sort(byCost),
    roles: by(({ role }) => role).sort(byCost),
    models: by(({ model }) => model ?? 'unknown').sort(byCost),
    days: by(({ at }) => dayOf(at)).sort((a, b) => b.name.localeCompare(a.name)),
  }
}

function slice(name: string, calls: readonly LedgerEntry[]): Slice {
  const usages = calls.map(({ usage }) => usage ?? noUsage)
  const unpriced = usages.filter(({ costUsd, ...tokens }) => costUsd === 0 && Object.values(tokens).some((n) => n > 0))
  return { name, calls: calls.length, unpriced: unpriced.length, usage: usages.reduce(addUsage, noUsage) }
}

/** Where no price is known, tokens still say what was much. */
const byCost = ({ usage: a }: Slice, { usage: b }: Slice): number =>
  b.costUsd - a.costUsd || b.outputTokens - a.outputTokens || b.inputTokens - a.inputTokens

/** The day of this machine's clock, which is the person's: `2026-01-31`. */
function dayOf(at: string): string {
  const moment = new Date(at)
  const two = (n: number) => String(n).padStart(2, '0')
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`
}
