/** Where Sluice keeps what: one data directory, one cache, by the conventions of each system. */
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

type Env = Record<string, string | undefined>

/** Everything a person would miss: events, artifacts, worktrees. `SLUICE_DATA` overrides (XDG Base Directory 0.8, Apple and Windows conventions otherwise). */
export const dataDir = (env: Env = process.env): string =>
  env.SLUICE_DATA ??
  join(base(env, { xdg: 'XDG_DATA_HOME', home: '.local/share', mac: 'Library/Application Support' }), 'sluice')

/** What can be fetched again: broker, jail and browser binaries. `SLUICE_CACHE` overrides. */
export const cacheDir = (env: Env = process.env): string =>
  env.SLUICE_CACHE ?? join(base(env, { xdg: 'XDG_CACHE_HOME', home: '.cache', mac: 'Library/Caches' }), 'sluice')

/** The person's own settings: key source, budget, rights. */
export const configFile = (env: Env = process.env): string =>
  join(base(env, { xdg: 'XDG_CONFIG_HOME', home: '.config', mac: 'Library/Preferences' }), 'sluice', 'config.yaml')

function base(env: Env, place: { xdg: string; home: string; mac: string }): string {
  const home = env.HOME || homeOfRecord()
  if (env[place.xdg]) return env[place.xdg] as string
  if (process.platform === 'darwin') return join(home, place.mac)
  if (process.platform === 'win32') return env.LOCALAPPDATA ?? join(home, 'AppData', 'Local')
  return join(home, place.home)
}

/** For a HOME that is unset or empty (`homedir()` would hand the empty one on, and paths would become relative). */
function homeOfRecord(): string {
  try {
    return userInfo().homedir || tmpdir()
  } catch {
    // A container may run us under a uid that no record knows.
    return tmpdir()
  }
}
