/** A process that owns something in a jail and is there to be killed: `node jail-owner.ts exec|once|early|shell|browser|early-browser WORKTREE COMMAND`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openBrowser } from '../browser.ts'
import { openCast } from '../cast.ts'
import { runJailed } from '../exec.ts'
import type { Jail } from '../jail.ts'
import { openShell } from '../shell.ts'
import { findOnPath } from './find.ts'
import { jailed } from './jail-world.ts'

const [what, worktree = '', command = ''] = process.argv.slice(2)
const policy = { worktree }
const forLong = { timeoutMs: 600_000 }

if (what === 'exec') await runJailed(jailed(), policy, command, { ...forLong, logFile: join(worktree, 'log') })

if (what === 'once') {
  const ended = await runJailed(jailed(), policy, command, { ...forLong, logFile: join(worktree, 'log') })
  process.exitCode = ended.exitCode ?? 2
}

if (what === 'early') await runJailed(unfinished(), policy, 'true', { ...forLong, logFile: join(worktree, 'log') })

if (what === 'early-browser') {
  await using browser = openBrowser({ path: findOnPath('chromium') }, unfinished())
  await browser.render({ html: '', viewports: [], ...forLong })
}

/** Stands for a bwrap that has not come to asking for its parent's death. */
function unfinished(): Jail {
  const path = join(worktree, 'bwrap')
  writeFileSync(path, `#!/bin/sh\n${command}\n`, { mode: 0o700 })
  return { kind: 'bubblewrap', path }
}

if (what === 'shell') {
  using cast = openCast(join(worktree, 'cast'), { cols: 80, rows: 24 })
  await using shell = await openShell({ jail: jailed(), policy, cast })
  await shell.run(command, forLong)
}

if (what === 'browser') {
  await using browser = openBrowser({ path: findOnPath('chromium') }, jailed())
  const page = {
    html: `<title>${command}</title>`,
    viewports: [{ name: 'one', width: 100, height: 100 }],
    wait: 600_000,
  }
  await browser.render({ ...page, ...forLong })
}
