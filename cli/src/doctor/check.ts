/** One thing that Sluice needs or would like to have, looked at. */
import { Refusal } from '@sluice/kit/errors.ts'

/** `missing`: nothing starts without it. `warning`: something will not be there, and it says what. */
export type Check = { name: string; state: 'ok' | 'warning' | 'missing'; says: string; mend: string | null }

export const ok = (name: string, says: string): Check => ({ name, state: 'ok', says, mend: null })
export const warning = (name: string, says: string, mend: string): Check => ({ name, state: 'warning', says, mend })
export const missing = (name: string, says: string, mend: string): Check => ({ name, state: 'missing', says, mend })

/** What `look` refuses with is what the check says. */
export async function orRefusal(name: string, otherwise: typeof missing, look: () => Promise<Check>): Promise<Check> {
  try {
    return await look()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return otherwise(name, error.message.slice(0, -error.mend.length).trim(), error.mend)
  }
}
