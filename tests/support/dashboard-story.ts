import type { ExchangeFile } from '../../src/protocol/exchange.ts'
import type { Phase, Run } from '../../src/protocol/run.ts'
import { aCheck, aRun } from './builders.ts'
import type { TestCoordinator } from './coordinator.ts'

/** An hour of an `http` check that becomes slow in one region, fails, and is not measured for a while. */

export const STORY_EVERY_MS = 10_000
const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
const BATCH_RUNS = 200
export const STORY_REGIONS = ['eu-west', 'us-east', 'ap-south']

const BASE_MS: Record<string, number> = { 'eu-west': 40, 'us-east': 70, 'ap-south': 110 }

export const STORY_CHECK = aCheck('http', {
  name: 'Shop API',
  url: 'https://shop.example.com/api/health',
  headers: { accept: 'application/json' },
  retry: { on: 'network', times: 1 },
  expectations: [
    { level: 'must', subject: 'status', matcher: { equals: 200 } },
    { level: 'must', subject: 'header', key: 'content-type', matcher: { contains: 'json' } },
    { level: 'must', subject: 'json', key: '$.state', matcher: { oneOf: ['ready', 'busy'] } },
    { level: 'should', subject: 'total', matcher: { max: 800 } },
  ],
})

const phasesOf = (firstByteMs: number, wobble: number): Phase[] => [
  { name: 'queue', ms: 0.2 },
  { name: 'dns', ms: 2 + wobble },
  { name: 'connect', ms: 9 + wobble },
  { name: 'tls', ms: 18 + wobble * 2 },
  { name: 'firstByte', ms: firstByteMs },
  { name: 'download', ms: 3 + wobble },
]

/** What a region measured so many minutes before the end; undefined when nothing ran. */
function storyRun(regionId: string, slotAt: number, minutesLeft: number): Run | undefined {
  const wobble = (slotAt / STORY_EVERY_MS) % 7
  const isSlow = regionId === 'eu-west' && minutesLeft < 20
  if (regionId === 'ap-south' && minutesLeft > 30 && minutesLeft < 38) return undefined
  const phases = phasesOf((BASE_MS[regionId] ?? 50) + wobble * 4 + (isSlow ? 520 : 0), wobble)
  const durationMs = phases.slice(1).reduce((sum, { ms }) => sum + ms, 0)
  const run = aRun({
    regionId,
    probeId: `${regionId}-1`,
    slotAt,
    startedAt: slotAt,
    durationMs,
    phases,
  })
  const turn = Math.round(slotAt / STORY_EVERY_MS)
  if (isSlow && turn % 9 === 0)
    return {
      ...run,
      verdict: 'failed',
      error: {
        type: 'assertion',
        message: `status: expected 200, got 502 (and ${1 + (turn % 3)} more)`,
      },
    }
  if (regionId === 'us-east' && turn % 61 === 0)
    return {
      ...run,
      verdict: 'failed',
      error: {
        type: 'connect.timeout',
        message: `no connection to 192.0.2.${turn % 200}:443 within 5 s`,
      },
    }
  if (regionId === 'ap-south' && turn % 97 === 0)
    return {
      ...run,
      verdict: 'probe_fault',
      error: { type: 'probe.overload', message: 'too busy' },
    }
  return run
}

/** Sends the hour before `until`, in batches. */
export async function tellStory(coordinator: TestCoordinator, until: number): Promise<void> {
  for (const regionId of STORY_REGIONS) {
    const runs: Run[] = []
    for (let slotAt = until - HOUR_MS; slotAt < until; slotAt += STORY_EVERY_MS) {
      const run = storyRun(regionId, slotAt, (until - slotAt) / MINUTE_MS)
      if (run) runs.push(run)
    }
    for (let from = 0; from < runs.length; from += BATCH_RUNS)
      await coordinator.ingest(runs.slice(from, from + BATCH_RUNS))
  }
}

export const STORY_EXCHANGE: ExchangeFile = {
  exchanges: [
    {
      request: {
        method: 'GET',
        url: 'https://shop.example.com/api/health',
        headers: [
          ['accept', 'application/json'],
          ['authorization', 'Bearer ••••'],
        ],
      },
      response: {
        status: 502,
        httpVersion: '1.1',
        headers: [
          ['content-type', 'text/html'],
          ['x-request-id', `${'0123456789abcdef'.repeat(8)}`],
        ],
        body: {
          text: '<h1>Bad gateway</h1><script>window.wasRun = true</script>',
          bytes: 57,
          isTruncated: false,
        },
      },
    },
    {
      part: 'second address',
      request: { method: 'GET', url: 'https://shop.example.com/api/health', headers: [] },
      response: {
        status: 200,
        httpVersion: '2',
        headers: [['content-type', 'image/png']],
        body: { base64: 'iVBORw0KGgo'.repeat(40), bytes: 70_000, isTruncated: true },
      },
    },
  ],
}

/** A run that failed again after it was repeated, with everything that a run can tell. */
export function storyFailure(slotAt: number): Run {
  const file = JSON.stringify(STORY_EXCHANGE)
  const phases = phasesOf(540, 1).slice(1)
  const exchange = {
    method: 'GET',
    url: 'https://shop.example.com/api/health',
    httpVersion: '1.1',
    address: '192.0.2.7:443',
  }
  return aRun({
    slotAt,
    startedAt: slotAt,
    durationMs: 1_240,
    attempt: 2,
    verdict: 'failed',
    error: { type: 'assertion', message: 'status: expected 200, got 502 (and 1 more)' },
    earlierAttempts: [
      {
        startMs: 0,
        durationMs: 310,
        verdict: 'failed',
        error: { type: 'connect.reset', message: '192.0.2.7:443 closed the connection' },
        phases: phases.slice(0, 2),
      },
    ],
    phases,
    exchanges: [
      {
        ...exchange,
        url: 'http://shop.example.com/',
        status: 301,
        startMs: 0,
        ms: 480,
        phases: phases.slice(0, 2).concat({ name: 'firstByte', ms: 460 }),
      },
      {
        ...exchange,
        part: 'second address',
        status: 502,
        startMs: 500,
        ms: 740,
        phases,
        bodyBytes: 57,
      },
      { ...exchange, part: 'third address', startMs: 1_200, ms: 40, phases: phases.slice(0, 1) },
    ],
    assertions: [
      {
        level: 'must',
        subject: 'status',
        expected: '200',
        actual: '502',
        held: false,
        part: 'second address',
      },
      {
        level: 'must',
        subject: 'header content-type',
        expected: 'contains “json”',
        actual: 'text/html',
        held: false,
      },
      {
        level: 'should',
        subject: 'total',
        expected: '≤ 800 ms',
        actual: '1.2 s',
        held: false,
        excluded: 'the probe was too busy to measure it',
      },
      { level: 'must', subject: 'httpVersion', expected: '1.1', actual: '1.1', held: true },
    ],
    diagnosis: {
      layers: [
        {
          layer: 'dns',
          subject: 'shop.example.com at 192.0.2.53',
          isFine: true,
          ms: 2.4,
          message: '192.0.2.7',
        },
        { layer: 'tcp', subject: '192.0.2.7:443', isFine: true, ms: 9.1, message: 'connected' },
        {
          layer: 'tls',
          subject: '192.0.2.7:443',
          isFine: true,
          ms: 18,
          message: 'TLSv1.3, valid for 41 days',
        },
        {
          layer: 'http',
          subject: 'GET /api/health',
          isFine: false,
          ms: 520,
          message: 'answered 502 Bad Gateway',
        },
      ],
      firstBroken: 3,
    },
    facts: { status: 502, httpVersion: '1.1' },
    artifacts: [
      { name: 'exchange.json', mediaType: 'application/json', bytes: Buffer.byteLength(file) },
    ],
    quality: {
      eventLoopUtilization: 0.91,
      eventLoopLagMs: 340,
      concurrentRuns: 12,
      cpuWaitMs: 210,
      flagged: 'the probe got no processor for 210 ms of 1.2 s',
    },
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  })
}

export async function sendExchange(coordinator: TestCoordinator, runId: string): Promise<Response> {
  return coordinator.probeRequest(`/runs/${runId}/artifacts/exchange.json`, {
    method: 'PUT',
    body: JSON.stringify(STORY_EXCHANGE),
    headers: { 'content-type': 'application/json' },
  })
}
