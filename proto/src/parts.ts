/** The nouns that several events share: documents, money, findings, what a story waits for. */
import { z } from 'zod'
import { EventId, Instant, ObjectId, Sha256, Token } from './event.ts'

/** A file by its content, in the artifact store. */
export const Artifact = z.object({
  sha256: Sha256,
  bytes: z.int().nonnegative(),
  mediaType: z.string(),
  name: z.string(),
})
export type Artifact = z.infer<typeof Artifact>

/** Tokens as the Messages API counts them, US dollars from the dated price table. */
export const Usage = z.object({
  inputTokens: z.int().nonnegative(),
  cacheReadTokens: z.int().nonnegative(),
  cacheWriteTokens: z.int().nonnegative(),
  outputTokens: z.int().nonnegative(),
  costUsd: z.number().nonnegative(),
})
export type Usage = z.infer<typeof Usage>
export const noUsage: Usage = { inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0, costUsd: 0 }

export function addUsage(a: Usage, b: Usage): Usage {
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    cacheReadTokens: a.cacheReadTokens + b.cacheReadTokens,
    cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    costUsd: a.costUsd + b.costUsd,
  }
}

/** Who did the work: the occupant of a role or seat. `scripted` is the label of the scripted model, shown wherever it shows. */
export const Occupant = z.object({
  program: z.string(),
  version: z.string(),
  engine: z.string().optional(),
  model: z.string().optional(),
  scripted: z.string().optional(),
})
export type Occupant = z.infer<typeof Occupant>

export const Effort = z.enum(['low', 'medium', 'high', 'xhigh', 'max'])
export type Effort = z.infer<typeof Effort>

/** Who carries a role's conversations: an engine by its name, a model by its id. What is left out is as the person's configuration has it. */
export const Choice = z.object({
  engine: z.string().min(1).max(80).optional(),
  model: z.string().min(1).max(120).optional(),
  effort: Effort.optional(),
})
export type Choice = z.infer<typeof Choice>

/** By role, or by the seat of a reviewer. */
export const Choices = z.record(Token, Choice)
export type Choices = z.infer<typeof Choices>

export const Question = z.object({ id: z.string(), text: z.string().min(1), choices: z.array(z.string()).optional() })
export type Question = z.infer<typeof Question>
export const QuestionAnswer = z.object({ id: z.string(), text: z.string().min(1), answer: z.string().min(1) })
export type QuestionAnswer = z.infer<typeof QuestionAnswer>

/** A call that an agent may not make before a person has said so. `key` is the same for the same question, whoever asks it. */
export const PermissionAsked = z.object({
  ...{ id: z.string().min(1), key: z.string().min(1), tool: z.string(), title: z.string() },
  /** Its input, as people read it. */
  detail: z.string(),
})
export type PermissionAsked = z.infer<typeof PermissionAsked>
/** What a person said about it: for this one call, or for all like it in this story. */
export const PermissionDecided = z.object({
  ...{ id: z.string().min(1), key: z.string().min(1), allow: z.boolean() },
  ...{ forStory: z.boolean().optional(), reason: z.string().optional() },
})
export type PermissionDecided = z.infer<typeof PermissionDecided>
const Usd = z.number().positive()
/** The lines of a story beside its hard one, which is its budget. Dollars; `tokens` counts what goes in anew and what comes out. */
export const Limits = z.object({
  /** Passed, the story pauses once and asks. */
  softUsd: Usd.optional(),
  /** What the whole project may spend a day, as long as this story is concerned. */
  dayUsd: Usd.optional(),
  tokens: z.int().positive().optional(),
  roles: z.record(Token, Usd).optional(),
  stages: z.record(z.string(), Usd).optional(),
})
export type Limits = z.infer<typeof Limits>

export const BudgetLine = z.enum(['soft', 'hard', 'day', 'role', 'stage', 'tokens'])
export type BudgetLine = z.infer<typeof BudgetLine>

/** Why a run is parked and what would unblock it. */
export const Waiting = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('questions'), questions: z.array(Question).min(1) }),
  z.object({
    kind: z.literal('budget'),
    spentUsd: z.number(),
    neededUsd: z.number(),
    budgetUsd: z.number(),
    /** Which line stopped it (the hard one unless said), whose it is, where it lies, and what counts towards it. */
    line: BudgetLine.optional(),
    of: z.string().optional(),
    at: z.number().optional(),
    spent: z.number().optional(),
    /** The line is drawn anew then, and the run goes on by itself. */
    resetsAt: Instant.optional(),
  }),
  /** The account's calls are held: `wake` says that the run goes on by itself at the reset. */
  z.object({ kind: z.literal('limit'), resetsAt: Instant, wake: z.boolean(), problem: z.string() }),
  /** It goes round in circles: what was seen, again and again. */
  z.object({ kind: z.literal('stuck'), saw: z.string(), times: z.int().positive(), tool: z.string().optional() }),
  z.object({ kind: z.literal('account'), problem: z.string() }),
  z.object({ kind: z.literal('permission'), permissions: z.array(PermissionAsked).min(1) }),
  /** The person stopped it: it goes on when they resume the story, or hand its worktree back. */
  z.object({ kind: z.literal('person'), why: z.enum(['paused', 'stopped', 'taken']) }),
  z.object({ kind: z.literal('checkout'), path: z.string(), files: z.array(z.string()), problem: z.string() }),
])
export type Waiting = z.infer<typeof Waiting>

/** An acceptance criterion in EARS (Mavin et al., Easy Approach to Requirements Syntax, 2009). */
export const Criterion = z.object({ id: z.string().regex(/^C\d+$/), text: z.string().min(1) })
export type Criterion = z.infer<typeof Criterion>

export const Requirements = z.object({
  title: z.string().min(1).max(120),
  userStories: z.array(z.string().min(1)).min(1),
  criteria: z.array(Criterion).min(1),
  outOfScope: z.array(z.string()),
  assumptions: z.array(z.string()),
  contradictions: z.array(z.object({ criteria: z.array(z.string()), problem: z.string() })),
})
export type Requirements = z.infer<typeof Requirements>

export const Picture = z.object({
  artifact: Artifact,
  viewport: z.string(),
  width: z.int().positive(),
  height: z.int().positive(),
  state: z.string(),
})
export type Picture = z.infer<typeof Picture>

/** The rendered reference the implementer works from; `digest` covers HTML, pictures and regions. */
export const DesignBundle = z.object({
  digest: Sha256,
  html: Artifact,
  pictures: z.array(Picture).min(1),
  regions: z.array(z.object({ id: z.string(), criteria: z.array(z.string()), what: z.string() })),
})
export type DesignBundle = z.infer<typeof DesignBundle>

export const Task = z.object({
  id: z.string().regex(/^T\d+$/),
  title: z.string().min(1),
  detail: z.string(),
  dependsOn: z.array(z.string()),
  criteria: z.array(z.string()),
})
export type Task = z.infer<typeof Task>

/** What exactly is judged: a verdict about anything else does not count. */
export const Judged = z.object({ base: ObjectId, commit: ObjectId, tree: ObjectId, patchId: z.string().min(1) })
export type Judged = z.infer<typeof Judged>

export const Severity = z.enum(['high', 'medium', 'low', 'info'])
export type Severity = z.infer<typeof Severity>

/** One thing a reviewer found, bound to lines of the judged commit. Lines are 1-based, inclusive. */
export const Finding = z.object({
  id: z.string().min(1),
  seat: Token,
  severity: Severity,
  blocking: z.boolean(),
  /** Only a person may dismiss it: the judged tree touched what judges it. */
  personOnly: z.boolean().optional(),
  path: z.string().optional(),
  startLine: z.int().positive().optional(),
  endLine: z.int().positive().optional(),
  claim: z.string().min(1),
  evidence: z.string(),
  criterion: z.string().optional(),
  cwe: z.string().optional(),
  owasp: z.string().optional(),
  suggestion: z.string().optional(),
})
export type Finding = z.infer<typeof Finding>

/** One command of the project's own checks, as it ended. */
export const CheckRun = z.object({
  name: z.string(),
  command: z.string(),
  exitCode: z.int().nullable(),
  timedOut: z.boolean(),
  seconds: z.number(),
  log: Artifact,
})
export type CheckRun = z.infer<typeof CheckRun>

/** The project's commands as they stand in the base commit, and where they were found. */
export const ProjectConfig = z.object({
  source: z.enum(['sluice.yaml', 'package.json', 'nothing']),
  digest: Sha256,
  setup: z.string().nullable(),
  checks: z.array(z.object({ name: z.string(), command: z.string() })),
  preview: z.string().nullable(),
  release: z.string().nullable(),
  documents: z.boolean(),
  egress: z.array(z.string()),
  /** Files that git ignores and a worktree would need: asked for, and given only by the person's own config. */
  copy: z.array(z.string()).optional(),
  /** Asked for in the repository's own file and not given: what widens rights counts only from the person's config. */
  ignored: z.array(z.string()).optional(),
  /** MCP servers of the person's that it would like its roles to have, by role: they get those the person lets projects have. */
  mcp: z.record(z.string(), z.array(z.string())).optional(),
})
export type ProjectConfig = z.infer<typeof ProjectConfig>

/** What is frozen into a story at its scope gate. */
export const Policy = z.object({
  path: z.array(z.string()),
  seats: z.array(Token).min(1),
  maxRounds: z.int().positive(),
})
export type Policy = z.infer<typeof Policy>

export const By = z.enum(['person', 'policy', 'auto'])
export type By = z.infer<typeof By>

/** What a person (or the last round) wants changed. */
export const Feedback = z.object({ comment: z.string(), at: Instant, cause: EventId })
export type Feedback = z.infer<typeof Feedback>

/** What a person said to whoever works, and what they attached to it. `id` is that of the event: said again, it is heard once. */
export const Words = z.object({ id: EventId, text: z.string(), at: Instant, attachments: z.array(Artifact).optional() })
export type Words = z.infer<typeof Words>

export const MOST_WORDS = 20_000

/** A checkpoint to go back to. `talk`: the conversation is kept, or cut where the checkpoint was made. `files`: only these. */
export const Rewound = z.object({
  n: z.int().positive(),
  commit: ObjectId,
  tree: ObjectId,
  files: z.array(z.string().min(1)).min(1).optional(),
  talk: z.enum(['kept', 'cut']),
})
export type Rewound = z.infer<typeof Rewound>
