/** Amounts, times and names as people read them. */
import type { Occupant, Usage } from '@sluice/proto/parts.ts'

export const usd = (amount: number): string => `$${amount.toFixed(amount !== 0 && amount < 0.1 ? 3 : 2)}`

export const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`

export const tokensOf = (usage: Usage): number =>
  usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens + usage.outputTokens

export function short(n: number): string {
  if (n < 1_000) return String(n)
  return n < 1_000_000 ? `${(n / 1_000).toFixed(n < 10_000 ? 1 : 0)} k` : `${(n / 1_000_000).toFixed(1)} M`
}

export function bytes(n: number): string {
  if (n < 1_024) return `${n} B`
  return n < 1_048_576 ? `${(n / 1_024).toFixed(1)} kB` : `${(n / 1_048_576).toFixed(1)} MB`
}

export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`
  const minutes = Math.floor(ms / 60_000)
  return minutes < 60
    ? `${minutes} min ${Math.floor((ms % 60_000) / 1_000)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

export function ago(then: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(then)) / 1_000))
  if (seconds < 45) return 'just now'
  if (seconds < 3_600) return `${Math.max(1, Math.round(seconds / 60))} min ago`
  if (seconds < 86_400) return `${Math.round(seconds / 3_600)} h ago`
  return `${count(Math.round(seconds / 86_400), 'day')} ago`
}

/** The program that works, and on which model. */
export function occupantText({ program, version, model, scripted }: Occupant): string {
  const on = scripted ? ` on the scripted model (${scripted})` : model ? ` on ${model}` : ''
  return `${program} ${version}${on}`
}

export const shortId = (id: string): string => id.slice(0, 12)

/** The parts of a line, those between backticks as code; a backtick without its other is a character. */
export function inlineCode(text: string): { code: boolean; text: string; at: number }[] {
  const parts: { code: boolean; text: string; at: number }[] = []
  let from = 0
  for (const match of text.matchAll(/(`+)([^`\n](?:.*?[^`])??)\1(?!`)/g)) {
    if (match.index > from) parts.push({ code: false, text: text.slice(from, match.index), at: from })
    parts.push({ code: true, text: match[2] ?? '', at: match.index })
    from = match.index + match[0].length
  }
  return from < text.length ? [...parts, { code: false, text: text.slice(from), at: from }] : parts
}
