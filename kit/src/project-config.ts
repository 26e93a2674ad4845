/** The project's commands as the base commit has them: read from git's objects, so that no working tree and no story can supply its own judge. */
import type { ProjectConfig } from '@sluice/proto/parts.ts'
import { parse } from 'yaml'
import { z } from 'zod'
import { sha256 } from './artifacts.ts'
import { CopyPattern } from './copy-pattern.ts'
import { Refusal } from './errors.ts'
import { packageCommands } from './package-commands.ts'
import type { Repository } from './repository.ts'

const FILE = 'sluice.yaml'

/** `sluice.yaml` at the root of the commit; without it the scripts of package.json; else 'nothing'. A Refusal says what is wrong with a file. */
export async function projectConfigAt(
  repository: Pick<Repository, 'readAt' | 'listFiles'>,
  commit: string,
): Promise<ProjectConfig> {
  const text = await repository.readAt(commit, FILE)
  if (text !== null) return fromFile(text)

  const found = await packageCommands(repository, commit)
  if (!found) return { ...nothing, source: 'nothing', digest: sha256('') }
  const { setup, checks } = found
  return { ...nothing, source: 'package.json', digest: sha256(JSON.stringify(found)), setup, checks }
}

const nothing = { setup: null, checks: [], preview: null, release: null, documents: true, egress: [] }

const Command = z.string().trim().min(1)
const CheckName = z.string().trim().min(1).max(80)
const Checks = z.union([
  z.array(z.strictObject({ name: CheckName, command: Command })),
  z
    .record(CheckName, Command)
    .transform((named) => Object.entries(named).map(([name, command]) => ({ name, command }))),
])
const ConfigFile = z.strictObject({
  setup: Command.nullish(),
  checks: Checks.nullish(),
  preview: Command.nullish(),
  release: Command.nullish(),
  documents: z.boolean().nullish(),
  egress: z.array(z.string()).nullish(),
  copy: z.array(CopyPattern).nullish(),
  mcp: z.record(z.string(), z.array(z.string().min(1))).nullish(),
})

function fromFile(text: string): ProjectConfig {
  const { setup, checks, preview, release, documents, egress, copy, mcp } = understood(text)
  const names = (checks ?? []).map(({ name }) => name)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice) refuse(`there are two checks named ${twice}`)
  return {
    source: FILE,
    digest: sha256(text),
    setup: setup ?? null,
    checks: checks ?? [],
    preview: preview ?? null,
    release: release ?? null,
    documents: documents ?? true,
    // What widens rights counts only from the person's own config: the repository may ask, and it is said that it did.
    egress: [],
    ...(copy?.length ? { copy } : {}),
    ...(egress?.length ? { ignored: egress.map((host) => `egress ${host}`) } : {}),
    // Names of the person's own servers, never a command: what starts, and with which secrets, is not the repository's to say.
    ...(mcp ? { mcp } : {}),
  }
}

function understood(text: string): z.infer<typeof ConfigFile> {
  const file = ConfigFile.safeParse(parsed(text) ?? {})
  if (file.success) return file.data
  const [issue] = file.error.issues
  return refuse([issue?.path.join('.'), issue?.message].filter(Boolean).join(': '))
}

function parsed(text: string): unknown {
  try {
    return parse(text)
  } catch (cause) {
    return refuse(`it is no YAML: ${cause instanceof Error ? cause.message.split('\n', 1)[0] : cause}`, cause)
  }
}

function refuse(problem: string, cause?: unknown): never {
  throw new Refusal(
    `The ${FILE} of the base commit cannot be used: ${problem.replace(/[.:]$/, '')}.`,
    `Mend it and commit; it may hold ${Object.keys(ConfigFile.shape).join(', ')}.`,
    { cause },
  )
}
