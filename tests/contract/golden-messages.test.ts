import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { foldIncident } from '../../src/domain/incident/fold-incident.ts'
import { CheckDefinition, CheckKind } from '../../src/protocol/check.ts'
import { Incident, IncidentEvent } from '../../src/protocol/incident.ts'
import {
  Assignment,
  AssignmentEnvelope,
  Commands,
  Heartbeat,
  HeartbeatAnswer,
  IngestBatch,
  IngestEnvelope,
  IngestReceipt,
} from '../../src/protocol/probe-api.ts'
import { Run } from '../../src/protocol/run.ts'
import { aRun } from '../support/builders.ts'

/**
 * Messages as they were sent and stored once. Probes and coordinators of different versions live
 * together, and events stay for years: what is in `golden/` must be read for ever. Add files and
 * fields; never change what is there.
 */

const golden = (name: string): unknown =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'golden', `${name}.json`), 'utf8'))

const MESSAGES: { name: string; schema: z.ZodType }[] = [
  { name: 'assignment', schema: Assignment },
  { name: 'commands', schema: Commands },
  { name: 'heartbeat', schema: Heartbeat },
  { name: 'heartbeat-answer', schema: HeartbeatAnswer },
  { name: 'ingest-batch', schema: IngestBatch },
  { name: 'ingest-receipt', schema: IngestReceipt },
  { name: 'incident-events', schema: z.array(IncidentEvent) },
  { name: 'incident', schema: Incident },
  { name: 'incident-led-events', schema: z.array(IncidentEvent) },
  { name: 'incident-led', schema: Incident },
  { name: 'incident-leading-events', schema: z.array(IncidentEvent) },
  { name: 'incident-leading', schema: Incident },
  { name: 'incident-recovery-events', schema: z.array(IncidentEvent) },
  { name: 'incident-recovery', schema: Incident },
  { name: 'incident-ends', schema: z.array(IncidentEvent) },
  { name: 'incident-data-events', schema: z.array(IncidentEvent) },
  { name: 'incident-sweep-events', schema: z.array(IncidentEvent) },
  { name: 'incident-paging-events', schema: z.array(IncidentEvent) },
]

/** Objects whose keys are names that people chose: there every key is known. */
const RECORDS = ['spentMs', 'headers', 'facts', 'metadata', 'capture', 'params']

/** The same message as a newer version might send it: with one more field in every object. */
function newer(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(newer)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, inner]) => [
    key,
    RECORDS.includes(key) ? inner : newer(inner),
  ])
  return { ...Object.fromEntries(entries), inventedLater: { nested: [1, 2, 3] } }
}

describe.each(MESSAGES)('$name', ({ name, schema }) => {
  test('is read whole: nothing in it is refused or lost', () => {
    expect(schema.parse(golden(name))).toEqual(golden(name))
  })

  test('from a newer version is read as well, without the fields that nobody knows', () => {
    const message = newer(golden(name))
    expect(message).not.toEqual(golden(name))
    expect(schema.parse(message)).toEqual(golden(name))
  })
})

test('the samples have every kind of check and every type of event', () => {
  const checks = Assignment.parse(golden('assignment')).checks.map(({ kind }) => kind)
  expect([...new Set(checks)].sort()).toEqual([...CheckKind.options].sort())
  const events = MESSAGES.map(({ name }) => name)
    .filter((name) => /^incident-(.*events|ends)$/.test(name))
    .flatMap((name) => z.array(IncidentEvent).parse(golden(name)))
  const types = IncidentEvent.options.map((option) => option.shape.type.value)
  expect([...new Set(events.map(({ type }) => type))].sort()).toEqual([...types].sort())
})

// The older one was written down before the fold kept these; everything else is as it was.
test.each([
  {
    name: 'incident',
    besides: {
      stateSince: 1773417000000,
      severityTimes: { spentMs: { 'SEV-2': 60_000, 'SEV-1': 2_160_000 }, since: 1773417000000 },
    },
  },
  { name: 'incident-led', besides: {} },
  { name: 'incident-leading', besides: {} },
  { name: 'incident-recovery', besides: {} },
])('events stored once still make the same $name', ({ name, besides }) => {
  const events = z.array(IncidentEvent).parse(golden(`${name}-events`))
  expect(foldIncident('INC-42', events)).toEqual({ ...(golden(name) as object), ...besides })
})

test('an assignment with a kind of check that this probe does not know is opened, the rest is read', () => {
  const message = Assignment.parse(golden('assignment'))
  const [first, ...others] = message.checks
  const sent = { ...message, checks: [{ ...first, kind: 'quantum' }, ...others] }

  expect(Assignment.safeParse(sent).success).toBe(false)
  const { checks } = AssignmentEnvelope.parse(sent)
  expect(checks.map((check) => CheckDefinition.safeParse(check).success)).toEqual([
    false,
    ...others.map(() => true),
  ])
})

test('one bad run does not keep the others of its batch from being read', () => {
  const message = IngestBatch.parse(golden('ingest-batch'))
  const [first, ...others] = message.runs
  const sent = { ...message, runs: [{ ...first, durationMs: 'long' }, ...others] }

  expect(IngestBatch.safeParse(sent).success).toBe(false)
  const { runs } = IngestEnvelope.parse(sent)
  expect(runs.map((run) => Run.safeParse(run).success)).toEqual([false, ...others.map(() => true)])
})

test('a run with an error type of a newer version is taken, and keeps its message', () => {
  const run = aRun({ verdict: 'failed' })
  const parsed = Run.parse({ ...run, error: { type: 'quic.handshake', message: 'no QUIC' } })
  expect(parsed.error).toEqual({ type: 'other', message: 'no QUIC' })
})
