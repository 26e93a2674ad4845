/** `npm run crash`: the whole matrix, printed as it goes. Exit 0 only when every case ends as the undisturbed story did. */
import { parseArgs } from 'node:util'
import { openCrashHouse } from './house.ts'
import { casesOf, type Outcome, runCase, sample } from './matrix.ts'
import { randomCrash } from './random.ts'
import { playStory } from './story.ts'

const usage = `npm run crash -- [--share 0.1] [--seed 1] [--only TEXT] [--random N [--stories M]] [--json]
  --share   how much of the matrix (1: all of it)
  --seed    which share
  --random  in place of the matrix: so many kills at random moments (implementers and gateway above all) while stories go on
  --stories of that: how many stories
  --only    cases whose line holds this text, such as "design.completed" or "asleep"
  --json    one object on stdout, the rest on stderr`

const { values } = parseArgs({
  options: {
    share: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    random: { type: 'string' },
    stories: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) console.log(usage)
else process.exitCode = (await (values.random ? atRandom(Number(values.random)) : crash())) ? 0 : 1

async function atRandom(kills: number): Promise<boolean> {
  const say = (line: string) => process.stderr.write(`${line}\n`)
  const seed = Number(values.seed)
  say(`seed ${seed}`)
  const stories = values.stories === undefined ? {} : { stories: Number(values.stories) }
  const outcome = await randomCrash({ kills, seed, say, ...stories })
  if (values.json) console.log(JSON.stringify({ ok: outcome.faults.length === 0, seed, ...outcome }))
  say(outcome.faults.length === 0 ? 'nothing lost, nothing done twice' : outcome.faults.join('\n'))
  return outcome.faults.length === 0
}

async function crash(): Promise<boolean> {
  const say = (line: string) => process.stderr.write(`${line}\n`)
  await using world = await openCrashHouse()
  const undisturbed = await playStory(world)
  say(
    `undisturbed: ${undisturbed.events.length} events, ${JSON.stringify(undisturbed.facts)}, ${undisturbed.seconds.toFixed(1)} s`,
  )

  const all = casesOf(undisturbed.events).filter((c) => lineOf(c).includes(values.only ?? ''))
  const outcomes: Outcome[] = []
  for (const one of sample(all, Number(values.share), Number(values.seed))) {
    const outcome = await runCase(world, one, undisturbed.facts)
    outcomes.push(outcome)
    say(`${outcome.ok ? 'ok  ' : 'FAIL'} ${lineOf(outcome)} ${outcome.seconds.toFixed(1)} s ${outcome.problem}`)
  }
  const bad = outcomes.filter((o) => !o.ok)
  if (values.json) console.log(JSON.stringify({ ok: bad.length === 0, undisturbed: undisturbed.facts, outcomes }))
  say(`${outcomes.length - bad.length} passed, ${bad.length} failed`)
  return bad.length === 0 && outcomes.length > 0
}

function lineOf({
  type,
  source,
  nth,
  mode,
  service,
}: {
  type: string
  source: string
  nth: number
  mode: string
  service: string
}): string {
  return `${type}${nth > 1 ? `#${nth}` : ''} of ${source}: ${service} ${mode}`
}
