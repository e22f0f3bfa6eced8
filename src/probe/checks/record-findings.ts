import { NAME_LENGTH_MAX } from '../../protocol/ids.ts'
import type { Facts, Phase, PhaseName, Step } from '../../protocol/run.ts'
import { ARTIFACTS_MAX, LOG_LINES_MAX, MESSAGE_LENGTH_MAX, STEPS_MAX } from '../../protocol/run.ts'
import type { ArtifactFile, Explain, Findings, SubjectValue } from './check-runner.ts'
import { subjectName } from './judge-expectations.ts'

const LOG_LINE_LENGTH_MAX = 1_000
const FACTS_MAX = 50
const FACT_ITEMS_MAX = 100
/** One entry of a list; all of them together must not fill the report. */
const FACT_ITEM_LENGTH_MAX = 500
const URL_LENGTH_MAX = 2_000

/** What a check has written down about its run, within the limits of `protocol/run.ts`. */
export type RecordedFindings = {
  phases: Phase[]
  observed: Map<string, SubjectValue>
  explanations: Map<string, Explain>
  facts: Facts
  steps: Step[]
  artifacts: ArtifactFile[]
  log: string[]
  durationMs: number | undefined
  scriptHash: string | undefined
}

/** The paper that a run writes on. What is more than a run may carry is dropped, the newest first. */
export function createFindingsRecorder(): { findings: Findings; recorded: RecordedFindings } {
  const recorded: RecordedFindings = {
    phases: [],
    observed: new Map(),
    explanations: new Map(),
    facts: {},
    steps: [],
    artifacts: [],
    log: [],
    durationMs: undefined,
    scriptHash: undefined,
  }
  const { observed, explanations, facts, steps, artifacts, log } = recorded

  const findings: Findings = {
    phase(name, ms) {
      observed.set(name, addPhase(recorded.phases, name, Math.max(0, ms)))
    },
    subject(name, value, explain) {
      if (value !== undefined) observed.set(name, value)
      if (explain) explanations.set(name, explain)
    },
    subjectPart(name, key, value) {
      if (value !== undefined) observed.set(subjectName(name, key), value)
    },
    fact(name, value) {
      const bounded = boundFact(value)
      if (bounded !== undefined && Object.keys(facts).length < FACTS_MAX)
        facts[clip(name, NAME_LENGTH_MAX)] = bounded
    },
    step(step) {
      if (steps.length < STEPS_MAX) steps.push(boundStep(step))
    },
    duration(ms) {
      recorded.durationMs = Math.max(0, ms)
    },
    artifact(artifact) {
      if (artifacts.length < ARTIFACTS_MAX) artifacts.push(artifact)
    },
    log(line) {
      if (log.length < LOG_LINES_MAX) log.push(clip(line, LOG_LINE_LENGTH_MAX))
    },
    scriptHash(hash) {
      recorded.scriptHash = hash
    },
  }
  return { findings, recorded }
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

/**
 * Text that can be stored and shown anywhere: not too long, without halves of surrogate pairs and
 * without control characters (PostgreSQL refuses U+0000; a terminal obeys others).
 */
export function clip(text: string, lengthMax: number): string {
  const cut = text.length > lengthMax ? `${text.slice(0, lengthMax - 1)}…` : text
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must go.
  return cut.toWellFormed().replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '�')
}
