/** What model calls cost, by story, stage, role, replica, model and day, and what a story is likely to: a fold over the ledger. Pure. */
import { forecastOf, type StoryCosts } from '@sluice/proto/forecast.ts'
import { addUsage, noUsage } from '@sluice/proto/parts.ts'
import { stageOfRole } from '@sluice/proto/pipeline.ts'
import type { Card, Forecast, LedgerEntry, Money, Slice } from '@sluice/proto/rest.ts'

export type MoneyOf = {
  entries: readonly LedgerEntry[]
  cards: readonly Card[]
  scripted: string | null
  projectId: string
}

/** What costs most comes first; days come newest first. */
export function moneyOf({ entries, cards, scripted, projectId }: MoneyOf): Money {
  const calls = costing(entries)
  const by = (nameOf: (entry: LedgerEntry) => string) =>
    [...Map.groupBy(calls, nameOf)].map(([name, mine]) => slice(name, mine))
  const spent = new Map(by(({ storyId }) => storyId ?? '').map((one) => [one.name, one]))
  const withStory = calls.filter(({ storyId }) => storyId !== null)
  return {
    scripted,
    total: slice('total', calls),
    stories: cards
      .map(({ id, title, status, budgetUsd }) => ({ ...(spent.get(id) ?? slice(id, [])), title, status, budgetUsd }))
      .sort(byCost),
    stages: [...Map.groupBy(withStory, ({ role }) => stageOfRole(role))]
      .map(([name, mine]) => slice(name, mine))
      .sort(byCost),
    roles: by(({ role }) => role).sort(byCost),
    replicas: by(({ role, replica }) => (replica ? `${role} ${replica}` : role)).sort(byCost),
    models: by(({ model }) => model ?? 'unknown').sort(byCost),
    days: by(({ at }) => dayOf(at)).sort((a, b) => b.name.localeCompare(a.name)),
    estimated: slice(
      'estimated',
      calls.filter(({ estimated }) => estimated),
    ),
    plan: slice(
      'plan',
      calls.filter(({ login }) => login),
    ),
    forecast: forecastFrom({ entries, cards, projectId }),
  }
}

/** A call that was entered twice, by a gateway that was killed in between, is one. */
function costing(entries: readonly LedgerEntry[]): LedgerEntry[] {
  const seen = new Set<string>()
  return entries.filter(({ door, usage, id }) => {
    if (door !== 'model' || usage === undefined || (id && seen.has(id))) return false
    if (id) seen.add(id)
    return true
  })
}

/** From the ledger: it holds what a story really cost, calls of attempts that came to nothing among it. */
export function forecastFrom({ entries, cards, projectId }: Omit<MoneyOf, 'scripted'>): Forecast {
  const shipped = new Set(cards.filter((c) => c.status === 'shipped' && c.projectId === projectId).map(({ id }) => id))
  const costs = new Map<string, StoryCosts>([...shipped].map((id) => [id, {}]))
  for (const { storyId, role, usage } of costing(entries)) {
    const story = costs.get(storyId ?? '')
    const stage = stageOfRole(role)
    if (story) story[stage] = (story[stage] ?? 0) + (usage?.costUsd ?? 0)
  }
  return forecastOf([...costs.values()])
}

function slice(name: string, calls: readonly LedgerEntry[]): Slice {
  const usages = calls.map(({ usage }) => usage ?? noUsage)
  const paid = calls.filter(({ login }) => !login).map(({ usage }) => usage ?? noUsage)
  const unpriced = paid.filter(({ costUsd, ...tokens }) => costUsd === 0 && Object.values(tokens).some((n) => n > 0))
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
