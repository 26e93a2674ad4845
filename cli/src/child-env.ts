/** The environment of what a house starts: what programs need to work on this machine, and no secret but to whom it belongs. */
import { toolVariables } from '@sluice/kit/toolchains.ts'

export type Env = Readonly<Record<string, string | undefined>>

const NEEDED = [
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LANGUAGE', 'TZ', 'TMPDIR', 'EMAIL'],
  ...['SYSTEMROOT', 'LOCALAPPDATA', 'APPDATA', 'NODE_USE_ENV_PROXY', 'PLAYWRIGHT_BROWSERS_PATH'],
]
/** What a seat's occupant is told: a Sluice that is started from within one has nothing to do with it. */
const SEAT = /^SLUICE_(SEAT|SEAT_FILE|URL|TOKEN|REPLICA|SUPERVISED)$/
const KINDS = /^(LC_|XDG_|GIT_(AUTHOR|COMMITTER)_|GIT_CONFIG_(GLOBAL|SYSTEM|NOSYSTEM)$)/
const PROXIES = /^(https?|all|no)_proxy$/i
const KEYS = ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'ANTHROPIC_BASE_URL']

/** For any of them. */
export const plainEnv = (env: Env): Record<string, string> =>
  pick(env, (name) => !SEAT.test(name) && (isPlain(name) || name.startsWith('SLUICE_')))

/** For a program of somebody else's: nothing of ours. */
export const foreignEnv = (env: Env): Record<string, string> => pick(env, isPlain)

const isPlain = (name: string): boolean =>
  NEEDED.includes(name) || toolVariables.includes(name) || KINDS.test(name) || PROXIES.test(name)

/** The model's key, for the gateway alone. */
export const keyEnv = (env: Env): Record<string, string> => pick(env, (name) => KEYS.includes(name))

/** Where traces are sent and with which headers, for telemetry alone. */
export const telemetryEnv = (env: Env): Record<string, string> => pick(env, (name) => name.startsWith('OTEL_'))

export const hasKey = (env: Env): boolean => Boolean(env.ANTHROPIC_API_KEY || env.ANTHROPIC_AUTH_TOKEN)

const pick = (env: Env, wanted: (name: string) => boolean): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => wanted(entry[0]) && entry[1] !== undefined),
  )
