/** What ran behind the agent's shell left a log: it is kept for whoever reads the run. */
import type { Artifacts } from '@sluice/kit/artifacts.ts'
import type { Run } from '@sluice/kit/run.ts'
import type { Outputs } from '@sluice/kit/tools/outputs.ts'
import { z } from 'zod'

const Kept = z.object({ type: z.literal('background'), number: z.int(), log: z.unknown() })

/** After the shell is closed: nothing writes to a log any more. What an earlier attempt kept is kept. */
export async function keepLogs(
  outputs: Outputs,
  { run, artifacts }: { run: Run; artifacts: Artifacts },
): Promise<void> {
  const kept = new Set(run.entries().flatMap(({ data }) => Kept.safeParse(data).data?.number ?? []))
  for (const number of outputs.inBackground().filter((one) => !kept.has(one))) {
    const exitCode = await outputs.exitCode(number)
    const name = `background-${number}.log`
    const log = await artifacts.put(await outputs.raw(number), { name, mediaType: 'text/plain' })
    const how = exitCode === null ? 'ended with the work' : `ended with ${exitCode}`
    await run.append('note', { type: 'background', number, text: `Number ${number} ${how}.`, log })
  }
}
