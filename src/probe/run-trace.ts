import { randomBytes } from 'node:crypto'
import { type Attributes, context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { ProbedCheck } from '../protocol/check.ts'
import type { Run } from '../protocol/run.ts'

const NO_TRACE = /^0+$/

/** The trace of one run: a root span, and one below it for each step, or else for each phase. */
export type RunTrace = {
  traceId: string
  /** What the check sends along, so that the target's own spans join the trace. */
  traceparent: string
  /** Ends the trace with the times that the run was measured with. */
  end(run: Run): void
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
  const traceId = hasTracer ? given.traceId : randomBytes(16).toString('hex')
  const spanId = hasTracer ? given.spanId : randomBytes(8).toString('hex')
  const flags = (given.traceFlags & 1).toString(16).padStart(2, '0')

  return {
    traceId,
    traceparent: `00-${traceId}-${spanId}-${flags}`,
    end(run) {
      if (!root.isRecording()) return
      const within = trace.setSpan(context.active(), root)
      for (const { name, startMs, ms, error, attributes } of childrenOf(run)) {
        const span = tracer.startSpan(name, { startTime: startedAt + startMs, attributes }, within)
        if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error })
        span.end(startedAt + startMs + ms)
      }
      root.setAttributes(attributesOf(check, run))
      if (run.verdict === 'failed')
        root.setStatus({ code: SpanStatusCode.ERROR, message: run.error?.message ?? '' })
      root.end(startedAt + run.durationMs)
    },
  }
}

type Child = {
  name: string
  startMs: number
  ms: number
  error?: string | undefined
  attributes: Attributes
}

function childrenOf(run: Run): Child[] {
  if (run.steps.length > 0)
    return run.steps.map(({ name, startMs, ms, status, error }) => ({
      name: `step ${name}`,
      startMs,
      ms,
      error: status === 'failed' ? (error ?? 'failed') : undefined,
      attributes: { 'step.name': name, 'step.status': status },
    }))
  // Phases follow each other; waiting for a place was before the run.
  let startMs = 0
  return run.phases
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
    'definition.hash': run.definitionHash,
    'user_agent.synthetic.type': 'test',
    ...(run.error && { 'error.type': run.error.type }),
  }
}
