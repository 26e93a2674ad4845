/** What the gateway holds, and how full a plan is, in lines. */
import { LimiterView } from '@sluice/proto/rest.ts'
import type { Rest } from './rest.ts'
import { plain } from './terminal.ts'
import { clock } from './units.ts'

/** Null when the gateway does not answer. */
export const readLimits = (rest: Rest): Promise<LimiterView | null> =>
  rest.get('/api/limits', LimiterView).catch(() => null)

export function limitsLines({ calls, underWay, waiting, held, windows }: LimiterView): string[] {
  return [
    `Model calls: ${underWay} of ${calls} under way, ${waiting} waiting.`,
    ...held.map(
      ({ model, until, why }) => `Held until ${clock(until)}: ${model ? `${plain(model)}, ` : ''}${plain(why)}.`,
    ),
    ...windowLines(windows),
  ]
}

export const windowLines = (windows: LimiterView['windows']): string[] =>
  windows.map(({ name, used, resetsAt, status }) => {
    const reset = resetsAt ? `, drawn anew at ${clock(resetsAt)}` : ''
    return `Plan, window ${plain(name)}: ${Math.round(used * 100)} % used${reset}${status === 'rejected' ? ', nothing left' : ''}.`
  })
