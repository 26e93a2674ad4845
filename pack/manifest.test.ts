/** The package's manifest lists what its programs need, and what it lacks is named. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkManifest } from './manifest.ts'

test('what the workspaces need at run time, the package needs', () => {
  expect(() => checkManifest(join(import.meta.dirname, '..'))).not.toThrow()
})

test('a dependency that was added to a workspace alone is named', () => {
  const root = mkdtempSync(join(tmpdir(), 'slc-manifest-'))
  const write = (dir: string, dependencies: Record<string, string>) => {
    mkdirSync(join(root, dir), { recursive: true })
    writeFileSync(join(root, dir, 'package.json'), JSON.stringify({ dependencies }))
  }
  write('.', { node: '^24' })
  write('services/web', { hono: '^4' })

  expect(() => checkManifest(root)).toThrow('let its dependencies be\n{\n  "hono": "^4"\n}')
  rmSync(root, { recursive: true })
})
