/** One thing that Sluice needs or would like to have, looked at. */

/** `missing`: nothing starts without it. `warning`: something will not be there, and it says what. */
export type Check = { name: string; state: 'ok' | 'warning' | 'missing'; says: string; mend: string | null }

export const ok = (name: string, says: string): Check => ({ name, state: 'ok', says, mend: null })
export const warning = (name: string, says: string, mend: string): Check => ({ name, state: 'warning', says, mend })
export const missing = (name: string, says: string, mend: string): Check => ({ name, state: 'missing', says, mend })
