import {
  type Attributes,
  context,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import type { ProbedCheck } from '../protocol/check.ts'
import type { Phase, Run } from '../protocol/run.ts'
import { createRandomHex } from '../runtime/randomness.ts'

const randomHex = createRandomHex()
const NO_TRACE = /^0+$/

/**
 * The trace of one run: a root span, and one below it for each step, or else for each phase. A run with
 * several attempts has a span for each of them between.
 */
export type RunTrace = {
  traceId: string
  /** What the check sends along, so that the target's own spans join the trace. */
  traceparent: string
  /**
   * Ends the trace with the times that the run was measured with; its last attempt began `startMs`
   * milliseconds after the run.
   */
  end(run: Run, startMs: number): void
}

/**
 * Begins the trace before the run, because the run sends its id along. Without a receiver of traces
 * the ids are made up: they still connect the run with the target's own logs.
 */
export function beginRunTrace(check: ProbedCheck, startedAt: number): RunTrace {
  const tracer = trace.getTracer('firewatch.probe')
  const root = tracer.startSpan(
    `check ${check.id}`,
    { startTime: startedAt, kind: SpanKind.INTERNAL, root: true },
    context.active(),
  )
  const given = root.spanContext()
  const hasTracer = !NO_TRACE.test(given.traceId)
  const traceId = hasTracer ? given.traceId : randomHex(16)
  const spanId = hasTracer ? given.spanId : randomHex(8)
  const flags = (given.traceFlags & 1).toString(16).padStart(2, '0')

  return {
    traceId,
    traceparent: `00-${traceId}-${spanId}-${flags}`,
    end(run, startMs) {
      if (!root.isRecording()) return
      const record = (parent: Span, child: Child) => {
        const { name, ms, error, attributes, children = [] } = child
        const at = startedAt + child.startMs
        const within = trace.setSpan(context.active(), parent)
        const span = tracer.startSpan(name, { startTime: at, attributes }, within)
        if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error })
        for (const inner of children) record(span, inner)
        span.end(at + ms)
      }
      for (const child of attemptsOf(run, startMs)) record(root, child)
      root.setAttributes(attributesOf(check, run))
      if (run.verdict === 'failed')
        root.setStatus({ code: SpanStatusCode.ERROR, message: run.error?.message ?? '' })
      root.end(startedAt + startMs + run.durationMs)
    },
  }
}

type Child = {
  name: string
  startMs: number
  ms: number
  error?: string | undefined
  attributes: Attributes
  children?: Child[]
}

/** One attempt is the run itself; several have a span each. */
function attemptsOf(run: Run, lastStartMs: number): Child[] {
  const { earlierAttempts = [], attempt, durationMs: ms, verdict } = run
  const children = childrenOf(run, lastStartMs)
  if (earlierAttempts.length === 0) return children
  const last = { startMs: lastStartMs, ms, error: errorOf(run), children }
  return [
    ...earlierAttempts.map((earlier, index) => ({
      name: `attempt ${index + 1}`,
      startMs: earlier.startMs,
      ms: earlier.durationMs,
      error: errorOf(earlier),
      attributes: { attempt: index + 1, verdict: earlier.verdict },
      children: phasesOf(earlier.phases, earlier.startMs),
    })),
    { ...last, name: `attempt ${attempt}`, attributes: { attempt, verdict } },
  ]
}

const errorOf = ({ verdict, error }: Pick<Run, 'verdict' | 'error'>): string | undefined =>
  verdict === 'failed' ? (error?.message ?? 'failed') : undefined

function childrenOf(run: Run, attemptStartMs: number): Child[] {
  if (run.steps.length > 0)
    return run.steps.map(({ name, startMs, ms, status, error }) => ({
      name: `step ${name}`,
      startMs: attemptStartMs + startMs,
      ms,
      error: status === 'failed' ? (error ?? 'failed') : undefined,
      attributes: { 'step.name': name, 'step.status': status },
    }))
  return phasesOf(run.phases, attemptStartMs)
}

/** Phases follow each other; waiting for a place was before the run. */
function phasesOf(phases: readonly Phase[], attemptStartMs: number): Child[] {
  let startMs = attemptStartMs
  return phases
    .filter(({ name }) => name !== 'queue')
    .map(({ name, ms }) => {
      const child = { name: `phase ${name}`, startMs, ms, attributes: { phase: name } }
      startMs += ms
      return child
    })
}

function attributesOf(check: ProbedCheck, run: Run): Attributes {
  return {
    'check.id': check.id,
    'check.kind': check.kind,
    'service.id': check.serviceId,
    region: run.regionId,
    'probe.id': run.probeId,
    'run.id': run.runId,
    'slot.at': new Date(run.slotAt).toISOString(),
    verdict: run.verdict,
    attempt: run.attempt,
    'definition.hash': run.definitionHash,
    'user_agent.synthetic.type': 'test',
    ...(run.error && { 'error.type': run.error.type }),
  }
}
