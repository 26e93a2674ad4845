/** What a branch was made of, one change at a time: commits on its main line, each with its message, its files and what it takes back. */
import { type GitPlace, git, records } from './git.ts'
import type { Repository } from './repository.ts'

export type Past = {
  commit: string
  at: string
  title: string
  body: string
  files: string[]
  /** The commits it brought in; of a merge those of the merged branch as well. */
  commits: string[]
  /** What it says it takes back, as it says it: whole names of commits, or how they begin. */
  reverts: string[]
  /** No person and no agent wrote it: a robot that moves versions. */
  byRobot: boolean
}

export type Wanted = {
  tip: string
  /** Read before, with all that leads to it. */
  after?: string | null
  /** The newest so many changes of the main line. */
  most: number
  signal?: AbortSignal
}

/** Oldest first. Git's config is not read, so nothing in it can run. */
export async function pastOf({ view }: Pick<Repository, 'view'>, wanted: Wanted): Promise<Past[]> {
  const { tip, most, signal } = wanted
  const range = [tip, ...((await isReadBefore(view, wanted)) ? [`^${wanted.after}`] : [])]
  const options = signal ? { signal } : {}
  const [commits, files] = await Promise.all([
    git(view, ['log', '-z', `--max-count=${most * BRANCH}`, `--format=${FORMAT}`, ...NO_MORE, ...range], options),
    git(view, ['log', '-z', `--max-count=${most}`, '--format=%H', ...NAMES, ...NO_MORE, ...range], options),
  ])
  const all = commitsIn(records(commits.stdout))
  return mainLine({ all, touched: filesIn(files.stdout.toString().split('\0')), most })
}

/** Commits a change of the main line has on average at the most: those further away lend no words to their merge. */
const BRANCH = 4
const FORMAT = '%H%x00%P%x00%cI%x00%an%x00%ae%x00%B%x00'
const FIELDS = 7
/** Of a merge what it changed on the main line. */
const NAMES = ['--first-parent', '-m', '--raw', '--no-abbrev', '--no-renames']
const NO_MORE = ['--no-show-signature', '--no-ext-diff', '--no-notes', '--no-mailmap']

async function isReadBefore(view: GitPlace, { tip, after }: Wanted): Promise<boolean> {
  if (!after) return false
  const { code } = await git(view, ['merge-base', '--is-ancestor', after, tip], { ok: [1, 128] })
  return code === 0
}

type Commit = { commit: string; parents: string[]; at: string; robot: boolean; message: string }

/** `-z` ends each record once more: seven fields, the last of them empty. */
function commitsIn(fields: string[]): Map<string, Commit> {
  const all = new Map<string, Commit>()
  for (let i = 0; i + FIELDS - 1 <= fields.length; i += FIELDS) {
    const [commit = '', parents = '', at = '', name = '', email = '', message = ''] = fields.slice(i, i + FIELDS)
    const robot = ROBOT.test(name) || ROBOT.test(email)
    all.set(commit, { commit, parents: parents.split(' ').filter(Boolean), at: utc(at), robot, message })
  }
  return all
}

const utc = (at: string): string => new Date(at).toISOString()

const ROBOT = /\[bot\]|^(?:dependabot|renovate|greenkeeper|snyk-bot|github-actions)\b/i

/** Records of `:<modes> <objects> <status>` and the path after each; what stands between is the commit they belong to. */
function filesIn(fields: string[]): Map<string, string[]> {
  const touched = new Map<string, string[]>()
  let its: string[] = []
  for (let i = 0; i < fields.length; i++) {
    const field = (fields[i] ?? '').replace(/^\n/, '')
    if (field.startsWith(':')) its.push(fields[++i] ?? '')
    else if (field !== '') {
      its = []
      touched.set(field, its)
    }
  }
  return touched
}

type Read = { all: Map<string, Commit>; touched: Map<string, string[]>; most: number }

/** From the tip by first parents; what a merge brought in is what nobody before it had. */
function mainLine({ all, touched, most }: Read): Past[] {
  const line: Commit[] = []
  for (let next = all.values().next().value; next && line.length < most; next = all.get(next.parents[0] ?? ''))
    line.unshift(next)
  const claimed = new Set(line.map(({ commit }) => commit))
  return line.map((own) => pastFrom([own, ...broughtIn(own, { all, claimed })], touched.get(own.commit) ?? []))
}

function broughtIn(
  { parents }: Commit,
  { all, claimed }: { all: Map<string, Commit>; claimed: Set<string> },
): Commit[] {
  const found: Commit[] = []
  const open = parents.slice(1)
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const commit = all.get(name)
    if (!commit || claimed.has(name)) continue
    claimed.add(name)
    found.push(commit)
    open.push(...commit.parents)
  }
  return found
}

function pastFrom([own, ...brought]: [Commit, ...Commit[]], files: string[]): Past {
  const { title, body } = toldBy(own, brought)
  const all = [own, ...brought]
  return {
    ...{ commit: own.commit, at: own.at, title, body, files },
    commits: all.map(({ commit }) => commit),
    reverts: all.flatMap(({ message }) => [...message.matchAll(REVERTS)].map(([, commit = '']) => commit)),
    byRobot: (brought.length > 0 ? brought : [own]).every(({ robot }) => robot),
  }
}

/** As `git revert` writes it. */
const REVERTS = /\bThis reverts commit ([0-9a-f]{7,64})\b/g
const MERGES = /^Merge (?:pull request|branch|remote-tracking branch|tag|commit|[0-9a-f]{7,})\b/

/** A merge that only says that it is one is told by what it brought in. */
function toldBy({ message }: Commit, brought: Commit[]): { title: string; body: string } {
  const [first = '', ...rest] = message.trim().split('\n')
  const subjects = brought.toReversed().map((commit) => commit.message.trim().split('\n')[0] ?? '')
  const said = rest.join('\n').trim()
  if (!MERGES.test(first)) return { title: first, body: [said, ...subjects].join('\n').trim() }
  const [title = '', ...more] = [...said.split('\n').filter((line) => line.trim() !== ''), ...subjects]
  return { title: title.trim() || first, body: [first, ...more].join('\n') }
}
