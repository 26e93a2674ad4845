/** The engine `acp`: an agent of somebody else's that speaks the Agent Client Protocol, in the run's jail, its calls counted at our door. */
import type { Usage } from '@sluice/proto/parts.ts'
import { addUsage, noUsage } from '@sluice/proto/parts.ts'
import type { AgentResult, AgentTask } from '../../agent.ts'
import type { Engine, EngineOptions } from '../../engine.ts'
import { TerminalError } from '../../errors.ts'
import { handedInBefore, hostedCalls } from '../../host-tools.ts'
import type { UsageEntry } from '../../run.ts'
import { toldCalls } from '../../told-calls.ts'
import { conversing } from '../conversing.ts'
import type { AcpConfig } from './config.ts'
import { probeAgent } from './probe.ts'
import { type SessionState, sessionState } from './session-state.ts'
import { work } from './work.ts'

export const acpEngine = (name: string, config: AcpConfig): Engine => ({
  name,
  startsMcp: true,
  probe: () => probeAgent(name, config),
  open: (options) => conversing((task, number) => converse({ ...options, name, config }, task, number)),
})

export type AcpOptions = EngineOptions & {
  name: string
  config: AcpConfig
  /** How long it waits for a person's words once they have interrupted it. */
  wordsMs?: number
}

async function converse(options: AcpOptions, task: AgentTask, number: number): Promise<AgentResult<unknown>> {
  task.signal.throwIfAborted()
  const { run, artifacts } = options
  const calls = toldCalls(run, { acp: number })
  // Begun by an attempt before this one: whoever carried them out is gone.
  await calls.endAll()
  const state = () => stateOf(options, number)
  const before = await handedInBefore(hostedCalls(run.entries(), number), artifacts)
  const input = before ? before.input : await work({ ...options, task, number, calls, state })

  const output = task.output.safeParse(input)
  if (!output.success) throw new TerminalError('The result in the journal does not fit what is asked for now.')
  return { output: output.data, usage: usageIn(options, number), turns: state().turns }
}

function stateOf({ run, name, choice }: AcpOptions, number: number): SessionState {
  // What was handed in before was a question, and is answered in the new prompt: that session is over.
  const isOver = [...hostedCalls(run.earlier, number).results.values()].some(({ submitted }) => submitted)
  const entries = isOver ? run.entries() : [...run.earlier, ...run.entries()]
  return sessionState(entries, { number, engine: name, model: choice.model })
}

/** All calls of this conversation, of whatever attempt of this run. */
function usageIn({ run }: AcpOptions, number: number): Usage {
  const paid = run.entries().filter(({ kind }) => kind === 'usage')
  const mine = paid.map(({ data }) => data as UsageEntry & { acp?: number }).filter(({ acp }) => acp === number)
  return mine.reduce((sum, { usage }) => addUsage(sum, usage), noUsage)
}
