/** How an agent of somebody else's names the tools that the plays are written for: each call said in its words, each result heard in ours. */
import { type Said, type Spoken, type ToolOutcome, tool } from '@sluice/kit/testing/messages-script.ts'
import type { MessagesRequest } from '@sluice/kit/testing/messages-wire.ts'

export type Dialect = {
  /** A call of ours in the agent's words. */
  say(spoken: Spoken): Spoken
  /** A call of the agent's, and what came of it, in ours. */
  hear(outcome: ToolOutcome): ToolOutcome
}

/** What the request offers says who asks; nothing where nobody is there to be answered in earnest: a title is asked without tools. */
export function dialectIn({ tools = [] }: MessagesRequest): Dialect | undefined {
  const names = tools.flatMap((one) => ('name' in one && typeof one.name === 'string' ? [one.name] : []))
  const submit = names.find((name) => /(^|_)submit$/.test(name))
  if (submit === undefined) return undefined
  const prefix = submit.slice(0, -'submit'.length)
  const own = hands.find(({ read }) => names.includes(read.name))
  return dialect(prefix, names, own)
}

/** A reply of ours as the agent is to hear it. */
export function spokenIn(dialect: Dialect | undefined, reply: Said): Said {
  const content = reply.content.map((part) => (typeof part === 'string' || !dialect ? part : dialect.say(part)))
  return { ...reply, content }
}

type Named = {
  name: string
  to(input: Input): object
  from(input: Input): object
  heard?(outcome: ToolOutcome): Partial<ToolOutcome>
}
type Input = Record<string, unknown>
type Hands = Record<'read' | 'write' | 'edit' | 'shell', Named>

function dialect(prefix: string, names: readonly string[], own: Hands | undefined): Dialect {
  const hand = (name: string): Named | undefined =>
    names.includes(`${prefix}${name}`) ? undefined : own?.[name as keyof Hands]
  const ours = new Map(Object.keys(own ?? {}).map((name) => [hand(name)?.name, name]))
  return {
    say(spoken) {
      if (spoken.type !== 'tool_use') return spoken
      const named = hand(spoken.name)
      if (named) return tool(named.name, named.to(spoken.input as Input))
      // Hands of its own that are named as ours are taken to be as ours.
      const isOwn = names.includes(spoken.name) && !names.includes(`${prefix}${spoken.name}`)
      return isOwn ? spoken : { ...spoken, name: `${prefix}${spoken.name}` }
    },
    hear(outcome) {
      const name = ours.get(outcome.name)
      const named = name === undefined ? undefined : hand(name)
      if (name === undefined || !named)
        return outcome.name.startsWith(prefix) ? { ...outcome, name: outcome.name.slice(prefix.length) } : outcome
      const heard = { ...outcome, name, input: named.from(outcome.input as Input) }
      return { ...heard, ...named.heard?.(heard) }
    },
  }
}

// ── hands ────────────────────────────────────────────────────────────────────

/** No shell of theirs says how a command ended as ours does: it is asked to. */
const ENDING = `\nprintf '\\n[exit code %s]\\n' $?`
const shellTo = ({ command, timeoutSeconds }: Input): object => ({
  command: `${command}${ENDING}`,
  description: 'Runs a check of the project',
  ...(timeoutSeconds ? { timeout: Number(timeoutSeconds) * 1_000 } : {}),
})
const shellFrom = ({ command }: Input): object => ({ command: String(command).replace(ENDING, '') })

const claude: Hands = {
  read: {
    name: 'Read',
    to: ({ path }) => ({ file_path: path }),
    from: ({ file_path }) => ({ path: file_path }),
    // Its last line is an empty one where ours shows none.
    heard: ({ result = '' }) => ({
      result: result.replace(/\n<system-reminder>[\s\S]*$/, '').replace(/\n *\d+\t$/, ''),
    }),
  },
  write: {
    name: 'Write',
    to: ({ path, content }) => ({ file_path: path, content }),
    from: ({ file_path, content }) => ({ path: file_path, content }),
  },
  edit: {
    name: 'Edit',
    to: ({ path, old, new: fresh }) => ({ file_path: path, old_string: old, new_string: fresh }),
    from: ({ file_path, old_string, new_string }) => ({ path: file_path, old: old_string, new: new_string }),
  },
  shell: { name: 'Bash', to: shellTo, from: shellFrom },
}

const opencode: Hands = {
  read: {
    name: 'read',
    to: ({ path }) => ({ filePath: path }),
    from: ({ filePath }) => ({ path: filePath }),
    heard: ({ result = '' }) => ({ result: linesIn(result) }),
  },
  write: {
    name: 'write',
    to: ({ path, content }) => ({ filePath: path, content }),
    from: ({ filePath, content }) => ({ path: filePath, content }),
  },
  edit: {
    name: 'edit',
    to: ({ path, old, new: fresh }) => ({ filePath: path, oldString: old, newString: fresh }),
    from: ({ filePath, oldString, newString }) => ({ path: filePath, old: oldString, new: newString }),
  },
  shell: { name: 'bash', to: shellTo, from: shellFrom },
}

/** `12: text` between marks, as opencode reads a file to its model. */
const linesIn = (result: string): string =>
  (/<content>\n([\s\S]*?)\n\n\(/.exec(result)?.[1] ?? result).replace(/^(\d+): ?/gm, '$1\t')

const hands: readonly Hands[] = [claude, opencode]
