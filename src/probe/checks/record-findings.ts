import { clip } from '../../base/clip.ts'
import { EXCHANGES_KEPT_MAX, type RecordedExchange } from '../../protocol/exchange.ts'
import { NAME_LENGTH_MAX } from '../../protocol/ids.ts'
import { type SubjectValue, subjectName } from '../../protocol/judge-expectations.ts'
import type {
  BrowserRecord,
  ExchangeSummary,
  Facts,
  Phase,
  PhaseName,
  Step,
} from '../../protocol/run.ts'
import {
  ARTIFACTS_MAX,
  EXCHANGES_MAX,
  LOG_LINES_MAX,
  MESSAGE_LENGTH_MAX,
  STEPS_MAX,
} from '../../protocol/run.ts'
import type { ArtifactFile, Explain, Findings } from './check-runner.ts'

const LOG_LINE_LENGTH_MAX = 1_000
const FACTS_MAX = 50
const FACT_ITEMS_MAX = 100
/** One entry of a list; all of them together must not fill the report. */
const FACT_ITEM_LENGTH_MAX = 500
const URL_LENGTH_MAX = 2_000
const PARTS_MAX = 50
const SECRETS_MAX = 100

/** What expectations are compared with, of the run or of one part of it. */
export type RecordedPart = {
  phases: Phase[]
  observed: Map<string, SubjectValue>
  explanations: Map<string, Explain>
  lookups: Map<string, (key: string) => SubjectValue | undefined>
  /** What could not be looked up, and why not. */
  unreadable: Map<string, string>
  /** What could not be found out, through no fault of the target, and why not. */
  unknown: Map<string, string>
}

/** What a check has written down about its run, within the limits of `protocol/run.ts`. */
export type RecordedFindings = RecordedPart & {
  parts: Map<string, RecordedPart>
  facts: Facts
  steps: Step[]
  exchanges: ExchangeSummary[]
  /** The last ones, in full, once somebody wants them. */
  evidence: (() => RecordedExchange)[]
  artifacts: ArtifactFile[]
  log: string[]
  /** Names by value: one name may have had several values, and each is a secret. */
  secrets: Map<string, string>
  browser: BrowserRecord | undefined
  durationMs: number | undefined
  scriptHash: string | undefined
}

/** The paper that a run writes on. What is more than a run may carry is dropped, the newest first. */
export function createFindingsRecorder(): { findings: Findings; recorded: RecordedFindings } {
  const recorded: RecordedFindings = {
    ...emptyPart(),
    parts: new Map(),
    facts: {},
    steps: [],
    exchanges: [],
    evidence: [],
    artifacts: [],
    log: [],
    secrets: new Map(),
    browser: undefined,
    durationMs: undefined,
    scriptHash: undefined,
  }
  return { findings: findingsOf(recorded, recorded), recorded }
}

const emptyPart = (): RecordedPart => ({
  phases: [],
  observed: new Map(),
  explanations: new Map(),
  lookups: new Map(),
  unreadable: new Map(),
  unknown: new Map(),
})

/** Writes to the run as a whole, and what expectations look at to one part of it. */
function findingsOf(recorded: RecordedFindings, part: RecordedPart): Findings {
  return { ...subjectsOf(recorded, part), ...paperOf(recorded) }
}

function subjectsOf(recorded: RecordedFindings, part: RecordedPart) {
  const { observed, explanations, lookups, unknown } = part
  return {
    phase(name, ms) {
      const spentMs = Math.max(0, ms)
      observed.set(name, addPhase(part.phases, name, spentMs))
      if (part !== recorded) recorded.observed.set(name, addPhase(recorded.phases, name, spentMs))
    },
    subject(name, value, explain) {
      if (value !== undefined) observed.set(name, value)
      if (explain) explanations.set(name, explain)
    },
    subjectPart(name, key, value) {
      if (value !== undefined) observed.set(subjectName(name, key), value)
    },
    unknown: (name, reason) => void unknown.set(name, reason),
    lookup: (name, find) => void lookups.set(name, find),
    part(name) {
      const known = recorded.parts.get(name) ?? emptyPart()
      if (recorded.parts.size < PARTS_MAX) recorded.parts.set(name, known)
      return findingsOf(recorded, known)
    },
  } satisfies Partial<Findings>
}

function paperOf(recorded: RecordedFindings) {
  const { facts, steps, artifacts, log, exchanges, evidence, secrets } = recorded
  return {
    fact(name, value) {
      const bounded = boundFact(value)
      if (bounded !== undefined && Object.keys(facts).length < FACTS_MAX)
        facts[clip(name, NAME_LENGTH_MAX)] = bounded
    },
    step(step) {
      if (steps.length < STEPS_MAX) steps.push(boundStep(step))
    },
    exchange(summary) {
      if (exchanges.length < EXCHANGES_MAX) exchanges.push(boundExchange(summary))
    },
    evidence(exchange) {
      evidence.push(exchange)
      if (evidence.length > EXCHANGES_KEPT_MAX) evidence.shift()
    },
    duration(ms) {
      recorded.durationMs = Math.max(0, ms)
    },
    artifact(artifact) {
      if (artifacts.length < ARTIFACTS_MAX) artifacts.push(artifact)
    },
    browser(record) {
      recorded.browser = record
    },
    log(line) {
      if (log.length < LOG_LINES_MAX) log.push(clip(line, LOG_LINE_LENGTH_MAX))
    },
    secret(name, value) {
      // The first name that it had says more than what a later part of the code would call it.
      if (!secrets.has(value) && secrets.size < SECRETS_MAX) secrets.set(value, name)
    },
    scriptHash(hash) {
      recorded.scriptHash = hash
    },
  } satisfies Partial<Findings>
}

/** The time spent in the phase so far, over all hops and attempts. */
function addPhase(phases: Phase[], name: PhaseName, ms: number): number {
  const known = phases.find((phase) => phase.name === name)
  if (known) known.ms += ms
  else phases.push({ name, ms })
  return known?.ms ?? ms
}

function boundFact(value: Facts[string]): Facts[string] | undefined {
  if (typeof value === 'string') return clip(value, MESSAGE_LENGTH_MAX)
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value === 'boolean') return value
  return value.slice(0, FACT_ITEMS_MAX).map((item) => clip(item, FACT_ITEM_LENGTH_MAX))
}

function boundStep(step: Step): Step {
  return {
    ...step,
    name: clip(step.name, NAME_LENGTH_MAX),
    ...(step.error !== undefined && { error: clip(step.error, MESSAGE_LENGTH_MAX) }),
    ...(step.url !== undefined && { url: clip(step.url, URL_LENGTH_MAX) }),
  }
}

function boundExchange(summary: ExchangeSummary): ExchangeSummary {
  return {
    ...summary,
    url: clip(summary.url, URL_LENGTH_MAX),
    ...(summary.part !== undefined && { part: clip(summary.part, NAME_LENGTH_MAX) }),
  }
}

export { clip }
