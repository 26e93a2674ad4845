/** A reviewer for Sluice, on the bus with its kit: what a change does to the dependencies of a project. */

import { findingId } from '@sluice/kit/finding-id.ts'
import { completed } from '@sluice/kit/outcome.ts'
import { openRepository, type Repository } from '@sluice/kit/repository.ts'
import { sit } from '@sluice/kit/sit.ts'
import { changeOf } from '@sluice/kit/story-change.ts'
import { Review, ReviewRequested } from '@sluice/proto/events.ts'
import type { Finding, Judged } from '@sluice/proto/parts.ts'
import { z } from 'zod'

/** Kinds of dependency, and scripts that run on everybody's machine at installation. */
const KINDS = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'] as const
const INSTALLS = ['preinstall', 'install', 'postinstall', 'prepare'] as const
/** Neither a version nor a range of the registry: somebody else's server, or a directory. */
const ELSEWHERE = /^(git|github|https?|file|link)[:+]|^[\w-]+\/[\w.-]+(#|$)/

const Names = z.record(z.string(), z.string()).default({})
const Package = z.object({
  ...{
    dependencies: Names,
    devDependencies: Names,
    optionalDependencies: Names,
    peerDependencies: Names,
    scripts: Names,
  },
})
type Package = z.infer<typeof Package>
type Found = Pick<Finding, 'severity' | 'blocking' | 'path' | 'claim' | 'evidence'>

await sit('1.0.0', (seat) => ({
  takes: ReviewRequested,
  gives: Review,
  uses: [],

  async answer({ id, data: { repository: place, judged, earlier }, storyId = '' }) {
    const repository = await openRepository(place.root)
    const touched = await changeOf(repository, judged, storyId)
    const manifests = touched.map(({ path }) => path).filter((path) => /(^|\/)package\.json$/.test(path))
    const found = (await Promise.all(manifests.map((path) => changesIn(repository, judged, path)))).flat()

    const mine = earlier.filter((finding) => finding.seat === seat)
    // What is found again stands under its old name.
    const nameOf = (one: Found) =>
      mine.find((old) => isSame(old, one))?.id ?? findingId(seat, id, one.path ?? '', one.claim)
    const findings = found.map((one): Finding => ({ ...one, id: nameOf(one), seat }))
    return completed({
      ...{ seat, judged, findings },
      verdict: findings.some(({ blocking }) => blocking) ? 'reject' : 'approve',
      summary: `${manifests.length} manifests changed, ${findings.length} findings.`,
      earlier: mine.map((old) => ({
        findingId: old.id,
        resolved: !found.some((one) => isSame(old, one)),
        note: 'Looked for anew in the manifests of this commit.',
      })),
    })
  },
}))

const isSame = (a: Found, b: Found): boolean => a.path === b.path && a.claim === b.claim

async function changesIn(repository: Repository, { base, commit }: Judged, path: string): Promise<Found[]> {
  const [before, after] = await Promise.all([base, commit].map((at) => manifestAt(repository, at, path)))
  if (!after) return [{ path, severity: 'high', blocking: true, claim: 'The manifest cannot be read.', evidence: path }]
  return [
    ...KINDS.flatMap((kind) =>
      changed(before?.[kind], after[kind]).map((name) => dependency(path, name, after[kind][name])),
    ),
    ...changed(before?.scripts, after.scripts)
      .filter((name) => INSTALLS.some((one) => one === name))
      .map((name) => installs(path, name, after.scripts[name])),
  ]
}

const changed = (before: Record<string, string> = {}, after: Record<string, string>): string[] =>
  Object.keys(after).filter((name) => before[name] !== after[name])

function dependency(path: string, name: string, version = ''): Found {
  const elsewhere = ELSEWHERE.test(version)
  const claim = elsewhere ? `${name} comes from outside the registry.` : `${name} is new or another version.`
  return {
    path,
    severity: elsewhere ? 'high' : 'info',
    blocking: elsewhere,
    claim,
    evidence: `"${name}": "${version}"`,
  }
}

const installs = (path: string, name: string, command = ''): Found => ({
  ...{ path, severity: 'high', blocking: true, evidence: `"${name}": "${command}"` },
  claim: `The script ${name} runs at every installation.`,
})

async function manifestAt(repository: Repository, commit: string, path: string): Promise<Package | null> {
  const text = await repository.readAt(commit, path)
  try {
    return text === null ? null : Package.parse(JSON.parse(text))
  } catch {
    return null
  }
}
