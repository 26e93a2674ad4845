/** Opens what was chosen: the demo, or a repository of the person's with their key. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ClaudeCodeSettings, credentialsFile } from '@sluice/kit/agents/claude-code/settings.ts'
import { Refusal } from '@sluice/kit/errors.ts'
import { dataDir } from '@sluice/kit/paths.ts'
import { openRepository } from '@sluice/kit/repository.ts'
import { type Env, hasKey } from '../child-env.ts'
import { openDemoHouse } from '../demo-house.ts'
import { type House, type HouseOptions, openHouse } from '../house.ts'
import type { Settings } from '../settings.ts'

export type Chosen = Pick<HouseOptions, 'port' | 'settings' | 'implementers' | 'trustBus'> & { repo: string | null }
type Telling = Pick<HouseOptions, 'say' | 'onChange'>

export async function openChosen({ repo, ...options }: Chosen & Telling, env: Env = process.env): Promise<House> {
  const base = dataDir(env)
  if (repo === null) return openDemoHouse(join(base, 'demo'), { ...options, env, pace: 'watch' })
  // A path that is wrong is told first: a key does not mend it.
  await openRepository(repo, env)
  if (!hasKey(env) && !goesByLogin(options.settings, env))
    throw new Refusal(
      'There is no key for a model.',
      'Set ANTHROPIC_API_KEY to yours (console.anthropic.com makes one) and run the same command again; the demo, without --repo, needs none. Or let Claude Code work by your login: engine: claude-code in config.yaml.',
    )
  return openHouse({ ...options, env, dataDir: join(base, 'work'), repository: repo })
}

/** Claude Code is let in by what the person logged in to it with. */
function goesByLogin(settings: Settings | undefined, env: Env): boolean {
  if (settings?.engine !== 'claude-code') return false
  return existsSync(credentialsFile(ClaudeCodeSettings.parse(settings.engines['claude-code'] ?? {}), env))
}
