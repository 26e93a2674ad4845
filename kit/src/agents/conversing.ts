/** An agent by the conversations it holds in one run, counted as every attempt counts them. */
import type { z } from 'zod'
import type { Agent, AgentResult, AgentTask } from '../agent.ts'

/**
 * The n-th `run` of one attempt is the n-th of every attempt: what an earlier one had finished is returned from the journal, what it had
 * begun goes on. `converse` checks its output by the task's own schema.
 */
export function conversing(converse: (task: AgentTask, number: number) => Promise<AgentResult<unknown>>): Agent {
  let conversations = 0
  return {
    async run<O extends z.ZodType>(task: AgentTask<O>): Promise<AgentResult<z.infer<O>>> {
      return (await converse(task, conversations++)) as AgentResult<z.infer<O>>
    },
  }
}
