import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  EVENTS_PATH,
  getArtifact,
  getCheck,
  getRun,
  LiveEvent,
  listChecks,
  listRegions,
  listRuns,
  Problem,
  ROUTES,
  urlFor,
} from '../../../src/protocol/public-api.ts'
import { aRun, at } from '../../support/builders.ts'
import { startCoordinator } from '../../support/coordinator.ts'
import { DATABASES, type Database } from '../../support/databases.ts'
import { movableClock } from '../../support/movable-clock.ts'
import { until } from '../../support/until.ts'

const noon = at('2026-03-13T12:00:00Z')
const start = (database: Database) =>
  startCoordinator({ database, clock: movableClock(noon + 5_000) })

describe.each(DATABASES)('on %s', (database) => {
  test('a receipt says of each run what became of it', async () => {
    const coordinator = await start(database)
    const run = aRun()
    const other = aRun({ slotAt: run.slotAt + 10_000 })

    expect(await coordinator.ingest([run])).toEqual({
      stored: [run.runId],
      duplicate: [],
      rejected: [],
    })
    const foreign = aRun({ regionId: 'us-east' })
    const broken = { ...aRun(), verdict: 'splendid' }
    expect(await coordinator.ingest([run, other, foreign, broken], 'eu-west')).toEqual({
      stored: [other.runId],
      duplicate: [run.runId],
      rejected: [
        { index: 2, runId: foreign.runId, reason: expect.stringContaining('eu-west') },
        { index: 3, reason: expect.stringContaining('verdict') },
      ],
    })
  })

  test('a file that is JSON is taken as it is, not parsed', async () => {
    const coordinator = await start(database)
    const content = '{ "exchanges":  [] }'
    const run = aRun({
      artifacts: [{ name: 'exchange.json', mediaType: 'application/json', bytes: content.length }],
    })
    await coordinator.ingest([run])
    const response = await coordinator.probeRequest(`/runs/${run.runId}/artifacts/exchange.json`, {
      method: 'PUT',
      body: content,
      headers: { 'content-type': 'application/json' },
    })
    expect(response.status).toBe(204)
    const address = urlFor(getArtifact, { runId: run.runId, name: 'exchange.json' })
    expect(await (await fetch(coordinator.address + address)).text()).toBe(content)
  })

  test("a run's file is taken once, only as announced, and served so that a browser runs nothing of it", async () => {
    const coordinator = await start(database)
    const run = aRun({ artifacts: [{ name: 'screenshot.png', mediaType: 'image/png', bytes: 4 }] })
    const path = `/runs/${run.runId}/artifacts/screenshot.png`
    const put = (body: string, to = path) =>
      coordinator.probeRequest(to, {
        method: 'PUT',
        body,
        headers: { 'content-type': 'image/png' },
      })

    expect((await put('abcd')).status).toBe(404)
    await coordinator.ingest([run])
    expect((await put('abcdef')).status).toBe(409)
    expect((await put('ab')).status).toBe(409)
    expect((await put('abcd', `/runs/${run.runId}/artifacts/other.png`)).status).toBe(409)
    expect((await put('abcd')).status).toBe(204)
    expect((await put('abcd')).status).toBe(204)

    const { artifactsStored } = await coordinator.get(getRun, { runId: run.runId })
    expect(artifactsStored).toEqual(['screenshot.png'])
    const served = await fetch(`${coordinator.address}/api/v1${path}`)
    expect(await served.text()).toBe('abcd')
    expect(served.headers.get('content-type')).toBe('image/png')
    expect(served.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox")
    expect(served.headers.get('x-content-type-options')).toBe('nosniff')
  })

  test('runs are paged with a cursor, filtered by check, region and verdict', async () => {
    const coordinator = await start(database)
    const runs = Array.from({ length: 5 }, (_, i) => aRun({ slotAt: noon + i * 10_000 }))
    await coordinator.ingest(runs)
    await coordinator.ingest([aRun({ regionId: 'us-east', verdict: 'failed' })])

    const first = await coordinator.get(listRuns, {}, { region: 'eu-west', limit: 3 })
    expect(first.data.map((run) => run.runId)).toEqual(
      runs
        .toReversed()
        .slice(0, 3)
        .map((run) => run.runId),
    )
    const second = await coordinator.get(
      listRuns,
      {},
      { region: 'eu-west', limit: 3, cursor: first.nextCursor ?? '' },
    )
    expect(second).toMatchObject({
      data: [{ runId: runs[1]?.runId }, { runId: runs[0]?.runId }],
      nextCursor: null,
    })
    expect((await coordinator.get(listRuns, {}, { verdict: 'failed' })).data).toHaveLength(1)
  })
})

test.each([
  { path: '/heartbeat', method: 'POST', why: 'heartbeats' },
  { path: '/runs', method: 'POST', why: 'runs' },
  { path: '/assignment?region=eu-west', method: 'GET', why: 'the assignment' },
  { path: `/runs/${randomUUID()}/artifacts/a.png`, method: 'PUT', why: 'files' },
])('$why need the token', async ({ path, method }) => {
  const coordinator = await start('sqlite')
  const response = await coordinator.probeRequest(path, { method, token: 'wrong' })
  expect(response.status).toBe(401)
  expect(Problem.parse(await response.json()).code).toBe('request.unauthorized')
})

test.each([
  { path: '/api/v1/runs/not-a-uuid', status: 400, code: 'request.invalid', why: 'a malformed id' },
  { path: `/api/v1/runs/${randomUUID()}`, status: 404, code: 'run.unknown', why: 'an unknown run' },
  { path: '/api/v1/checks/nothing', status: 404, code: 'check.unknown', why: 'an unknown check' },
  {
    path: '/api/v1/incidents/INC-9',
    status: 404,
    code: 'incident.unknown',
    why: 'an unknown incident',
  },
  {
    path: '/api/v1/runs?limit=9999',
    status: 400,
    code: 'request.invalid',
    why: 'a page that is too large',
  },
  {
    path: '/api/v1/runs?cursor=nonsense',
    status: 400,
    code: 'request.invalid',
    why: 'a cursor of nobody',
  },
  { path: '/api/v1/nothing', status: 404, code: 'request.not_found', why: 'an unknown route' },
  { path: '/', status: 404, code: 'request.not_found', why: 'the dashboard when it is not built' },
])('$why is a problem with a stable code', async ({ path, status, code }) => {
  const coordinator = await start('sqlite')
  const response = await fetch(coordinator.address + path)
  expect(response.status).toBe(status)
  expect(response.headers.get('content-type')).toContain('application/problem+json')
  expect(Problem.parse(await response.json())).toMatchObject({ status, code })
})

test('a batch that is too large is refused as such', async () => {
  const coordinator = await start('sqlite')
  const response = await coordinator.probeRequest('/runs', {
    method: 'POST',
    body: JSON.stringify({ padding: 'x'.repeat(5 * 1024 * 1024) }),
    headers: { 'content-type': 'application/json' },
  })
  expect(response.status).toBe(413)
})

test('the assignment of a region has its checks, and the heartbeat tells when it changed', async () => {
  const coordinator = await start('sqlite')
  const assignment = await coordinator.assignment('eu-west')
  expect(assignment.checks.map((check) => check.id)).toEqual(['shop-home'])
  expect(await coordinator.heartbeat('eu-west')).toEqual({
    now: noon + 5_000,
    assignmentHash: assignment.hash,
  })

  const unknown = await coordinator.probeRequest('/assignment?region=atlantis')
  expect(Problem.parse(await unknown.json()).code).toBe('region.unknown')
})

test('checks and regions are listed as they are defined', async () => {
  const coordinator = await start('sqlite')
  await coordinator.heartbeat('eu-west')
  const { data: checks } = await coordinator.get(listChecks)
  expect(checks).toMatchObject([{ definition: { id: 'shop-home' }, alert: { state: 'quiet' } }])
  expect(await coordinator.get(getCheck, { checkId: 'shop-home' })).toMatchObject({
    overview: { regions: [{}, {}, {}] },
  })
  const { data: regions } = await coordinator.get(listRegions)
  expect(regions).toMatchObject([
    { regionId: 'eu-west', state: 'ok', probes: [{ probeId: 'eu-west-1', state: 'ok' }] },
    { regionId: 'us-east', state: 'waiting', probes: [] },
    { regionId: 'ap-south', state: 'waiting', probes: [] },
  ])
})

test('live events tell of runs as they come in', async () => {
  const coordinator = await start('sqlite')
  const closed = new AbortController()
  const response = await fetch(coordinator.address + EVENTS_PATH, { signal: closed.signal })
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  const events: LiveEvent[] = []
  const reading = readEvents(response, events).catch((error: unknown) => {
    if (!closed.signal.aborted) throw error
  })

  await until('the stream says hello', () => events.some((event) => event.type === 'hello'))
  const error = { type: 'assertion' as const, message: 'no' }
  const run = aRun({ slotAt: noon, verdict: 'failed', error })
  await coordinator.ingest([run])
  await until('the run is told of', () =>
    events.some(
      (event) =>
        event.type === 'slot' && event.slot.runId === run.runId && event.slot.end === 'failed',
    ),
  )
  await until('so is the alert', () =>
    events.some((event) => event.type === 'alert' && event.alert.state === 'pending'),
  )
  closed.abort()
  await reading
})

async function readEvents(response: Response, into: LiveEvent[]): Promise<void> {
  let rest = ''
  const decoder = new TextDecoder()
  for await (const chunk of response.body ?? []) {
    const parts = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n\n')
    rest = parts.pop() ?? ''
    for (const part of parts) {
      const data = /^data: (.*)$/m.exec(part)?.[1]
      if (data) into.push(LiveEvent.parse(JSON.parse(data)))
    }
  }
}

test('OpenAPI describes every public route', async () => {
  const coordinator = await start('sqlite')
  const response = await fetch(`${coordinator.address}/api/v1/openapi.json`)
  const { openapi, paths } = (await response.json()) as {
    openapi: string
    paths: Record<string, unknown>
  }
  expect(openapi).toBe('3.1.0')
  const described = Object.keys(paths).toSorted()
  const expected = Object.values(ROUTES).map((route) =>
    route.path.replaceAll(/:([A-Za-z]+)/g, '{$1}'),
  )
  expect(described).toEqual(expect.arrayContaining(expected))
})

test('health, readiness and metrics answer', async () => {
  const coordinator = await start('sqlite')
  await coordinator.ingest([aRun()])
  expect((await fetch(`${coordinator.address}/healthz`)).status).toBe(200)
  expect(await (await fetch(`${coordinator.address}/readyz`)).json()).toMatchObject({
    status: 'ok',
    checks: 1,
  })
  const metrics = await (await fetch(`${coordinator.address}/metrics`)).text()
  expect(metrics).toMatch(/synthetics_ingest_runs_total\{[^}]*outcome="stored"[^}]*\} 1/)
  expect(metrics).toMatch(/synthetics_slots_total\{[^}]*end="passed"[^}]*\} 1/)
})

test('pages may run nothing that the coordinator did not serve', async () => {
  const coordinator = await start('sqlite')
  const response = await fetch(coordinator.address + urlFor(listChecks))
  const policy = response.headers.get('content-security-policy')
  expect(policy).toContain("script-src 'self'")
  expect(policy).not.toContain('unsafe')
})
