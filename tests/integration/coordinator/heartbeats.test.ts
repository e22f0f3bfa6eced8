import { request as httpRequest } from 'node:http'
import { describe, expect, test } from 'vitest'
import type { CheckOf } from '../../../src/protocol/check.ts'
import {
  HEARTBEAT_API_PREFIX,
  JOB_CALLS_PER_MINUTE_MAX,
} from '../../../src/protocol/heartbeat-api.ts'
import {
  getCheck,
  getIncident,
  getNow,
  getRun,
  listIncidents,
  listRuns,
} from '../../../src/protocol/public-api.ts'
import { aCheck, aRun, at } from '../../support/builders.ts'
import {
  aFleet,
  startCoordinator,
  type TestCoordinator,
  type TestCoordinatorOptions,
} from '../../support/coordinator.ts'
import { DATABASES, freshDatabase } from '../../support/databases.ts'
import { movableClock } from '../../support/movable-clock.ts'
import { until } from '../../support/until.ts'

const noon = at('2026-03-13T12:00:00Z')
const TOKEN = 'nightly/sync+token-0123'
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

const aJob = (overrides: Partial<CheckOf<'heartbeat'>> = {}) =>
  aCheck('heartbeat', {
    id: 'stock-sync',
    name: 'Stock sync',
    schedule: { kind: 'interval', everyMs: HOUR_MS },
    graceMs: 5 * MINUTE_MS,
    alert: { failuresToFire: 1, regionsMin: 1, passesToResolve: 1 },
    expectations: [{ level: 'must', subject: 'exitCode', matcher: { equals: 0 } }],
    ...overrides,
  })

/** Looks rarely, so that hours pass without thousands of slots. */
const anotherCheck = aCheck('http', { schedule: { kind: 'interval', everyMs: 10 * MINUTE_MS } })

const start = (
  options: Pick<TestCoordinatorOptions, 'database' | 'clock'> & Partial<TestCoordinatorOptions>,
  job = aJob(),
) =>
  startCoordinator({
    fleet: aFleet({ checks: [anotherCheck, job] }),
    secrets: { JOB_TOKEN: TOKEN },
    ...options,
  })

const call = (
  { address }: TestCoordinator,
  path: string,
  { token = TOKEN, ...init }: RequestInit & { token?: string | null } = {},
) =>
  fetch(`${address}${HEARTBEAT_API_PREFIX}${path}`, {
    method: 'POST',
    ...init,
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
  })

const runsOf = async (coordinator: TestCoordinator) =>
  (await coordinator.get(listRuns, {}, { check: 'stock-sync' })).data

const lastRun = async (coordinator: TestCoordinator) => {
  const [newest] = await runsOf(coordinator)
  if (!newest) throw new Error('the job has no run')
  return (await coordinator.get(getRun, { runId: newest.runId })).run
}

/** Of the job's service: that the regions are silent meanwhile is the fleet's. */
const openIncidents = async (coordinator: TestCoordinator) =>
  (await coordinator.get(listIncidents, {}, { state: 'open' })).data.filter(
    ({ serviceId }) => serviceId === 'storefront',
  )

const untilOpen = (coordinator: TestCoordinator) =>
  until('an incident is open', async () => (await openIncidents(coordinator))[0])

describe.each(DATABASES)('on %s', (database) => {
  test('a job that calls while nobody outside gets a connection points to the way in', async () => {
    const clock = movableClock(noon + 5_000)
    const fleet = aFleet({ checks: [aCheck('http'), aJob()] })
    const coordinator = await start({ database, clock, fleet })
    for (const [index, regionId] of ['eu-west', 'us-east'].entries())
      await coordinator.ingest([
        aRun({
          ...{ regionId, slotAt: noon + index * 3_333, startedAt: noon + index * 3_333 },
          ...{ verdict: 'failed', error: { type: 'connect.timeout', message: 'no connection' } },
        }),
      ])
    await until('it is open', async () => (await openIncidents(coordinator)).length > 0)
    const pointers = async () =>
      (await coordinator.get(getIncident, { incidentId: 'INC-1' })).triage.pointsTo
    expect(await pointers()).toBeUndefined()

    expect((await call(coordinator, '/stock-sync')).status).toBe(200)
    expect(await pointers()).toMatchObject([
      { kind: 'inbound_blocked', words: expect.stringContaining('Stock sync still called') },
    ])
  })

  test('a call makes a run in a slot of its own, with whatever method it comes', async () => {
    const clock = movableClock(noon)
    const coordinator = await start({ database, clock })

    for (const method of ['POST', 'GET', 'HEAD']) {
      const answer = await call(coordinator, '/stock-sync', { method })
      expect(answer.status).toBe(200)
      expect(await answer.text()).toBe(method === 'HEAD' ? '' : 'ok\n')
      expect(answer.headers.get('cache-control')).toBe('no-store')
      expect(answer.headers.get('access-control-allow-origin')).toBeNull()
      clock.advance(2_000)
    }
    const byQuery = `/stock-sync?token=${encodeURIComponent(TOKEN)}`
    expect((await call(coordinator, byQuery, { token: null })).status).toBe(200)

    expect((await runsOf(coordinator)).map((run) => run.slotAt)).toEqual(
      [6_000, 4_000, 2_000, 0].map((ms) => noon + ms),
    )
    expect(await lastRun(coordinator)).toMatchObject({
      checkId: 'stock-sync',
      regionId: 'coordinator',
      verdict: 'passed',
      facts: { signal: 'success', exitCode: 0 },
      assertions: [{ subject: 'exitCode', expected: '0', actual: '0', held: true }],
    })
    const { overview } = await coordinator.get(getCheck, { checkId: 'stock-sync' })
    expect(overview.regions[0]).toMatchObject({ regionId: 'coordinator' })
    expect(overview.regions[0]?.slots.map((slot) => slot.end)).toEqual(Array(4).fill('passed'))
    const now = await coordinator.get(getNow)
    expect(now.regions.map((region) => region.regionId)).not.toContain('coordinator')
    expect((await coordinator.assignment('eu-west')).checks.map((check) => check.id)).toEqual([
      'shop-home',
    ])
  })

  test('from start to end is the duration, also of executions that overlap', async () => {
    const clock = movableClock(noon)
    const total = { level: 'must' as const, subject: 'total', matcher: { max: 30 * MINUTE_MS } }
    const coordinator = await start({ database, clock }, aJob({ expectations: [total] }))

    await call(coordinator, '/stock-sync/start?run=a')
    expect(await runsOf(coordinator)).toEqual([])
    clock.advance(MINUTE_MS)
    await call(coordinator, '/stock-sync/start?run=b')
    clock.advance(MINUTE_MS)
    await call(coordinator, '/stock-sync?run=a')
    expect(await lastRun(coordinator)).toMatchObject({
      startedAt: noon,
      durationMs: 2 * MINUTE_MS,
      verdict: 'passed',
      facts: { run: 'a' },
    })
    clock.advance(29.5 * MINUTE_MS)
    await call(coordinator, '/stock-sync?run=b')
    expect(await lastRun(coordinator)).toMatchObject({
      startedAt: noon + MINUTE_MS,
      verdict: 'failed',
      error: { message: expect.stringContaining('total: expected at most 1800000 ms') },
    })
  })

  test('a failure and a bad exit code open an incident with the last line; a good call ends it', async () => {
    const clock = movableClock(noon)
    const coordinator = await start({ database, clock })

    await call(coordinator, '/stock-sync/exit/2', { body: 'copying…\ndisk full\n' })
    const incident = await untilOpen(coordinator)
    const { incident: whole } = await coordinator.get(getIncident, { incidentId: incident.id })
    expect(whole.findings[0]?.evidence[0]).toMatchObject({
      regionId: 'coordinator',
      errorType: 'heartbeat.failed',
      message: 'the job said it failed: exit code 2; its last line was: disk full',
    })
    expect((await lastRun(coordinator)).log).toEqual(['copying…', 'disk full'])

    clock.advance(2_000)
    await call(coordinator, '/stock-sync/fail')
    expect((await lastRun(coordinator)).error?.message).toBe('the job said it failed')
    clock.advance(2_000)
    await call(coordinator, '/stock-sync/exit/0')
    await until(
      'the incident verifies',
      async () => (await openIncidents(coordinator))[0]?.state === 'verifying',
    )
  })

  test('a call that does not come opens one incident; a call ends it, across a restart', async () => {
    const clock = movableClock(noon)
    const location = await freshDatabase(database)
    const first = await start({ database: location, clock })
    await call(first, '/stock-sync')
    clock.advance(HOUR_MS + 5 * MINUTE_MS + 1)
    await untilOpen(first)
    expect(await lastRun(first)).toMatchObject({
      verdict: 'failed',
      error: {
        type: 'heartbeat.late',
        message:
          'no call since 2026-03-13T12:00:00Z; due at 2026-03-13T13:00:00Z, with 5 min grace',
      },
    })
    await first.stop()

    clock.advance(10_000)
    const second = await start({ database: location, clock })
    clock.advance(HOUR_MS)
    await until('it is told again', async () => (await runsOf(second)).length > 2)
    expect(await runsOf(second)).toHaveLength(3)
    expect(await openIncidents(second)).toHaveLength(1)
    await call(second, '/stock-sync')
    await until(
      'the incident verifies',
      async () => (await openIncidents(second))[0]?.state === 'verifying',
    )
    expect(await openIncidents(second)).toHaveLength(1)
  })

  test('what a coordinator could not hear while it was away is not held against the job', async () => {
    const clock = movableClock(noon)
    const location = await freshDatabase(database)
    const first = await start({ database: location, clock })
    await call(first, '/stock-sync')
    clock.advance(59 * MINUTE_MS)
    await until('the ledger has moved on', async () => {
      const { overview } = await first.get(getCheck, { checkId: 'shop-home' })
      return (overview.regions[0]?.slots.at(-1)?.slotAt ?? 0) > clock.now() - 10 * MINUTE_MS
    })
    await first.stop()

    clock.advance(2 * HOUR_MS)
    // Nobody calls for this one: its late runs show how far the loop has looked.
    const minutely = { kind: 'interval' as const, everyMs: MINUTE_MS }
    const silent = aJob({ id: 'silent', schedule: minutely, graceMs: 0 })
    const fleet = aFleet({ checks: [anotherCheck, aJob(), silent] })
    const second = await start({ database: location, clock, fleet })
    for (const hours of [3.5, 4]) {
      clock.set(noon + hours * HOUR_MS)
      const hasLooked = async () => {
        const { data } = await second.get(listRuns, {}, { check: 'silent' })
        return data[0]?.slotAt === clock.now()
      }
      await until('the loop has looked', hasLooked, { withinMs: 15_000 })
    }
    expect((await runsOf(second)).map((run) => run.verdict)).toEqual(['passed'])
    clock.set(noon + 4 * HOUR_MS + 5 * MINUTE_MS)
    await until('it is late', async () => (await runsOf(second)).length > 1)
    expect((await lastRun(second)).error?.type).toBe('heartbeat.late')
  })

  test('an execution that does not end is told', async () => {
    const clock = movableClock(noon)
    const coordinator = await start({ database, clock })
    await call(coordinator, '/stock-sync/start')
    clock.advance(HOUR_MS + 5 * MINUTE_MS + 1)
    await untilOpen(coordinator)
    expect((await lastRun(coordinator)).error).toEqual({
      type: 'heartbeat.late',
      message: 'started at 2026-03-13T12:00:00Z and has not ended; it may take 1 h 5 min',
    })
    expect(await runsOf(coordinator)).toHaveLength(1)
  })

  test('the same call within a second is one run; others find a slot of their own', async () => {
    const coordinator = await start({ database, clock: movableClock(noon) })
    const answers = await Promise.all([
      call(coordinator, '/stock-sync'),
      call(coordinator, '/stock-sync'),
      call(coordinator, '/stock-sync?run=a'),
      call(coordinator, '/stock-sync?run=b'),
    ])
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200])
    expect((await runsOf(coordinator)).map((run) => run.slotAt).toSorted()).toEqual([
      noon,
      noon + 1,
      noon + 2,
    ])
  })
})

// Two connections of one process to one SQLite file would wait for each other: both have one thread.
test('on postgres, two coordinators on one database tell of one miss once', async () => {
  const clock = movableClock(noon)
  const location = await freshDatabase('postgres')
  const [one, other] = [
    await start({ database: location, clock }),
    await start({ database: location, clock }),
  ]
  await call(one, '/stock-sync')
  clock.advance(HOUR_MS + 5 * MINUTE_MS + 1)
  await untilOpen(other)
  clock.advance(HOUR_MS)
  await until('it is told again', async () => (await runsOf(one)).length > 2)
  expect((await runsOf(one)).map((run) => run.verdict)).toEqual(['failed', 'failed', 'passed'])
})

test('who does not know the token learns nothing, and no answer shows it', async () => {
  const coordinator = await start({ database: 'sqlite', clock: movableClock(noon) })
  const refused = await Promise.all([
    call(coordinator, '/stock-sync', { token: 'wrong' }),
    call(coordinator, '/stock-sync', { token: null }),
    call(coordinator, '/no-such-job'),
    call(coordinator, '/shop-home'),
  ])
  const texts = await Promise.all(refused.map((answer) => answer.text()))
  expect(refused.map((answer) => answer.status)).toEqual([404, 404, 404, 404])
  expect(new Set(texts).size).toBe(1)

  const query = `token=${encodeURIComponent(TOKEN)}`
  for (const path of [
    `/stock-sync/bogus?${query}`,
    `/stock-sync/exit/256?${query}`,
    `/x?${query}`,
  ]) {
    const answer = await call(coordinator, path)
    expect([400, 404]).toContain(answer.status)
    expect(await answer.text()).not.toContain('nightly')
  }
  expect(await runsOf(coordinator)).toEqual([])
})

test('a token that the coordinator lacks is a fault of the coordinator', async () => {
  const options = { database: 'sqlite', clock: movableClock(noon), secrets: {} } as const
  const coordinator = await start(options)
  const answer = await call(coordinator, '/stock-sync')
  expect(answer.status).toBe(503)
  expect(answer.headers.get('retry-after')).toBe('2')
  expect(await answer.json()).toMatchObject({ code: 'heartbeat.token_missing' })
  // Who shows no token at all is not the job.
  expect((await call(coordinator, '/stock-sync', { token: null })).status).toBe(404)
  const metrics = await (await fetch(`${coordinator.address}/metrics`)).text()
  expect(metrics).toMatch(/synthetics_heartbeat_calls_total\{[^}]*outcome="token_missing"[^}]*\} 1/)
})

test('a flood is refused; the next minute is another', async () => {
  const clock = movableClock(noon)
  const coordinator = await start({ database: 'sqlite', clock })
  for (let i = 0; i < JOB_CALLS_PER_MINUTE_MAX; i++)
    expect((await call(coordinator, '/stock-sync')).status).toBe(200)
  const answer = await call(coordinator, '/stock-sync')
  expect(answer.status).toBe(429)
  expect(answer.headers.get('retry-after')).toBe('60')
  // Who guesses at tokens does not use up the calls of the job.
  clock.advance(MINUTE_MS)
  for (let i = 0; i < JOB_CALLS_PER_MINUTE_MAX; i++)
    await call(coordinator, '/stock-sync', { token: 'guess' })
  expect((await call(coordinator, '/stock-sync')).status).toBe(200)
})

test('of a log its end is kept, clean and without the token; too much is refused', async () => {
  const coordinator = await start({ database: 'sqlite', clock: movableClock(noon) })
  const lines = Array.from({ length: 300 }, (_, i) => `line ${i}`)
  const body = [...lines, `curl -H "Bearer ${TOKEN}" \u0000\u001b[31mred`].join('\r\n')
  await call(coordinator, '/stock-sync/fail', { body })
  const run = await lastRun(coordinator)
  expect(run.log).toHaveLength(100)
  expect(run.log[0]).toBe('line 201')
  expect(run.log.at(-1)).toBe('curl -H "Bearer [secret JOB_TOKEN]" ��[31mred')
  expect(run.error?.message).toContain('[secret JOB_TOKEN]')

  expect((await call(coordinator, '/stock-sync', { body: 'x'.repeat(64 * 1024) })).status).toBe(200)
  expect((await lastRun(coordinator)).log.join('\n').length).toBeLessThanOrEqual(16 * 1024)
  expect((await call(coordinator, '/stock-sync', { body: 'x'.repeat(64 * 1024 + 1) })).status).toBe(
    413,
  )
})

test('what curl sends without a type, or as a form, is taken as text', async () => {
  const clock = movableClock(noon)
  const coordinator = await start({ database: 'sqlite', clock })
  for (const type of ['application/x-www-form-urlencoded', 'application/json', undefined]) {
    const { promise, resolve, reject } = Promise.withResolvers<number | undefined>()
    const sent = httpRequest(
      `${coordinator.address}${HEARTBEAT_API_PREFIX}/stock-sync`,
      {
        method: 'POST',
        agent: false,
        headers: { authorization: `Bearer ${TOKEN}`, ...(type && { 'content-type': type }) },
      },
      (response) => {
        response.resume().once('end', () => resolve(response.statusCode))
      },
    )
    sent.once('error', reject).end('{ a log')
    expect(await promise).toBe(200)
    expect((await lastRun(coordinator)).log).toEqual(['{ a log'])
    clock.advance(2_000)
  }
})
