/** The secrets a bus user has: one for each door it may knock at. */
import type { Keyring } from './keyring.ts'

export const busPassword = (keys: Keyring, user: string): string => keys(`bus ${user}`)
export const gatewaySecret = (keys: Keyring, user: string): string => keys(`gateway ${user}`)
export const artifactToken = (keys: Keyring, role: string): string => keys(`artifacts ${role}`)

/** Whoever holds what this user had before is a stranger from here on. */
export function forgetSecrets(keys: Keyring, user: string): void {
  for (const door of ['bus', 'gateway', 'artifacts']) keys.forget(`${door} ${user}`)
}
