import type { Clock } from '../../base/clock.ts'
import type { ProbedCheck } from '../../protocol/check.ts'
import {
  type Diagnosis,
  LOG_LINES_MAX,
  MESSAGE_LENGTH_MAX as RUN_MESSAGE_LENGTH_MAX,
} from '../../protocol/run.ts'
import { clip } from '../checks/record-findings.ts'
import type { RunOutcome } from '../checks/run-check.ts'
import type { ConnectTo } from '../connect-to.ts'
import type { AddressPolicy } from '../network/address-policy.ts'
import { planDiagnosis } from './layers-of-check.ts'
import { askElsewhere } from './look-at-dns.ts'
import { lookAtLayers } from './look-at-layers.ts'
import {
  brokenSentence,
  firstBroken,
  type LayerFinding,
  withBrokenLayer,
} from './name-broken-layer.ts'

/** All layers together. The run waits for it before it is recorded; its times do not. */
const DIAGNOSIS_MS_MAX = 1_500
/** When everything fails at once, the first few tell what it is, and the probe goes on measuring. */
const DIAGNOSES_AT_ONCE_MAX = 4
const LAYERS_MAX = 40
const MESSAGE_LENGTH_MAX = 1_000
const SUBJECT_LENGTH_MAX = 300

export type DiagnosisContext = {
  clock: Clock
  signal: AbortSignal
  connectTo: ConnectTo
  policy: AddressPolicy
  /** Name servers to compare with: the region's choice. */
  resolvers: readonly string[]
  /** Name servers instead of the system's. */
  nameServers: readonly string[] | undefined
}

export type DiagnoserParts = Pick<DiagnosisContext, 'clock' | 'connectTo' | 'policy'> & {
  nameServers?: readonly string[] | undefined
  resolvers(): readonly string[]
  stopSignal: AbortSignal
  /** A failure was not looked at, because too many were under way. */
  onSkipped(): void
}

export type Diagnoser = {
  /** What a run tells when it failed; as it was when there is nothing to add. Never throws. */
  explain(check: ProbedCheck, outcome: RunOutcome): Promise<RunOutcome & { diagnosis?: Diagnosis }>
}

/** Looks, right after a failure and outside its measured time, which layer is the first broken one. */
export function createDiagnoser(parts: DiagnoserParts): Diagnoser {
  let underWay = 0
  return {
    async explain(check, outcome) {
      const { error, facts, verdict } = outcome
      if (verdict !== 'failed' || !error || parts.stopSignal.aborted) return outcome
      const plan = planDiagnosis(check, { error, facts })
      if (!plan) return outcome
      if (underWay >= DIAGNOSES_AT_ONCE_MAX) {
        parts.onSkipped()
        return withLine(outcome, `not diagnosed: ${underWay} other failures are being looked at`)
      }
      underWay++
      try {
        const signal = AbortSignal.any([parts.stopSignal, AbortSignal.timeout(DIAGNOSIS_MS_MAX)])
        const context = {
          ...parts,
          signal,
          resolvers: parts.resolvers(),
          nameServers: parts.nameServers,
        }
        const findings =
          plan.kind === 'question'
            ? await askElsewhere(plan.question, context)
            : await lookAtLayers(plan.layers, context, judgesCertificate(check, error.type))
        return explained(outcome, findings)
      } finally {
        underWay--
      }
    },
  }
}

/** A `tls` check says itself what it expects of a certificate; who watches a bad one accepts it. */
const judgesCertificate = ({ kind }: ProbedCheck, errorType: string): boolean =>
  kind !== 'tls' || errorType.startsWith('tls.')

function explained(
  outcome: RunOutcome,
  findings: readonly LayerFinding[],
): RunOutcome & { diagnosis?: Diagnosis } {
  const { error } = outcome
  if (!error || findings.length === 0) return outcome
  const seen = findings.slice(0, LAYERS_MAX)
  const index = firstBroken(seen, error)
  const layers = seen.map(({ layer, subject, isFine, ms, message }) => ({
    layer,
    subject: clip(subject, SUBJECT_LENGTH_MAX),
    isFine,
    ms,
    message: clip(message, MESSAGE_LENGTH_MAX),
  }))
  if (index === undefined) return { ...outcome, diagnosis: { layers } }
  const message = withBrokenLayer(error.message, brokenSentence(seen, index))
  return {
    ...outcome,
    diagnosis: { layers, firstBroken: index },
    error: { type: error.type, message: clip(message, RUN_MESSAGE_LENGTH_MAX) },
  }
}

const withLine = (outcome: RunOutcome, line: string): RunOutcome => ({
  ...outcome,
  log: [...outcome.log, line].slice(-LOG_LINES_MAX),
})
