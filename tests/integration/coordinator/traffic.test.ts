import { describe, expect, test } from 'vitest'
import type { Objective } from '../../../src/protocol/objective.ts'
import { getIncident, listIncidents, listObjectives } from '../../../src/protocol/public-api.ts'
import type { Query } from '../../../src/protocol/query.ts'
import { at } from '../../support/builders.ts'
import { runFirewatch } from '../../support/command.ts'
import { aFleet, startCoordinator } from '../../support/coordinator.ts'
import { DATABASES, type Database, freshDatabase } from '../../support/databases.ts'
import { json, startMessageService } from '../../support/message-services.ts'
import { movableClock } from '../../support/movable-clock.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { until } from '../../support/until.ts'

/** Of traffic: a Prometheus that is asked by range, and what becomes of its numbers. */

const noon = at('2026-03-13T12:00:00Z')
const MINUTE = 60_000
const SPAN = 5 * MINUTE
const DAY = 86_400_000
const SPANS_OF_A_WEEK = (7 * DAY) / SPAN

/**
 * Prometheus' range query: a thousand requests in each five minutes, of which one is bad, with what it
 * is told of other spans.
 */
async function startPrometheus() {
  const state = {
    /** Nothing was collected before. */
    since: 0,
    /** Ends of spans of which it has nothing. */
    gaps: new Set<number>(),
    /** Bad of a thousand, by the end of the span. */
    bad: new Map<number, number>(),
    asked: [] as { query: string; start: number; end: number }[],
  }
  const service = await startMessageService(({ method, path, headers, body }) => {
    const form = new URLSearchParams(body)
    const [query, start, end, step] = ['query', 'start', 'end', 'step'].map((key) => form.get(key))
    if (method !== 'POST' || path !== '/api/v1/query_range' || step !== '300')
      return json(404, { status: 'error', errorType: 'not_found', error: `${method} ${path}` })
    if (headers.authorization !== 'Bearer token') return json(401, {})
    const range = { start: Number(start) * 1_000, end: Number(end) * 1_000 }
    state.asked.push({ query: query ?? '', ...range })
    // As Prometheus refuses it.
    if ((range.end - range.start) / SPAN > 11_000)
      return json(400, { status: 'error', error: 'exceeded maximum resolution of 11,000 points' })
    const values: [number, string][] = []
    for (let end = range.start; end <= range.end; end += SPAN) {
      if (end <= state.since || state.gaps.has(end)) continue
      const bad = state.bad.get(end) ?? 1
      values.push([end / 1_000, String(query === 'all' ? 1_000 : 1_000 - bad)])
    }
    return json(200, {
      status: 'success',
      data: { resultType: 'matrix', result: values.length === 0 ? [] : [{ metric: {}, values }] },
    })
  })
  return { service, state }
}

const counting = (url: string, id: string): Query => ({
  ...{ id, name: id, serviceId: 'storefront', kind: 'prometheus', url, query: id },
  ...{ everyMs: MINUTE, overMs: SPAN, secret: 'PROMETHEUS' },
})

const availability: Objective = {
  ...{ id: 'storefront/availability', serviceId: 'storefront', name: 'availability' },
  ...{ target: 0.99, periodMs: 7 * DAY, checks: [], traffic: { good: 'good', total: 'all' } },
}

async function story(database: Database) {
  const prometheus = await startPrometheus()
  const clock = movableClock(noon + MINUTE)
  const location = await freshDatabase(database)
  const { url } = prometheus.service
  const fleet = aFleet({
    ...{ checks: [], silentAfterMs: 30 * DAY, objectives: [availability] },
    queries: [counting(url, 'good'), counting(url, 'all')],
  })
  const start = async () => {
    const secrets = { PROMETHEUS: 'token' }
    const coordinator = await startCoordinator({ database: location, clock, fleet, secrets })
    return {
      ...coordinator,
      statusWhen: (what: string, holds: (status: Status) => boolean | undefined) =>
        until(what, async () => {
          const [entry] = (await coordinator.get(listObjectives)).data
          return entry?.status && holds(entry.status) && entry.status
        }),
    }
  }
  return { ...prometheus, clock, start }
}

describe.each(DATABASES)('on %s', (database) => {
  test('the whole period is counted at first, and no span twice after a restart', async () => {
    const { state, clock, start } = await story(database)
    const first = await start()
    const all = SPANS_OF_A_WEEK
    const counted = await first.statusWhen('a week is counted', ({ traffic }) => {
      clock.advance(11_000)
      return traffic?.countedUntil === noon
    })
    expect(counted).toMatchObject({ state: 'quiet', period: { good: 999 * all, bad: all } })
    expect(counted.period.unknown).toBe(0)
    expect(counted.spentShare).toBeCloseTo(0.1, 9)
    expect(counted.lastHour).toEqual({ good: 11_988, bad: 12, unknown: 0 })
    // In pieces, none of which is asked for again.
    const ends = state.asked.filter(({ query }) => query === 'all').map(({ end }) => end)
    expect(ends).toEqual([...new Set(ends)].toSorted())
    expect(ends.length).toBeGreaterThan(1)
    await first.stop()

    clock.set(noon + SPAN + MINUTE)
    state.asked.length = 0
    const second = await start()
    const next = await second.statusWhen('the next span is counted', ({ traffic }) => {
      clock.advance(1_000)
      return traffic?.countedUntil === noon + SPAN
    })
    expect(next.period).toEqual({ good: 999 * all, bad: all, unknown: 0 })
    expect(state.asked).toEqual(
      ['good', 'all'].map((query) => ({ query, start: noon + SPAN, end: noon + SPAN })),
    )
  })

  test('a gap is unknown, never good; what cannot be asked is due, and said', async () => {
    const { service, state, clock, start } = await story(database)
    // It has been collecting for a day: of the time before nothing is unknown.
    state.since = noon - DAY
    for (const spans of [2, 3, 4]) state.gaps.add(noon - spans * SPAN)
    const coordinator = await start()
    const blind = await coordinator.statusWhen('it is counted', ({ traffic }) => {
      clock.advance(1_000)
      return traffic?.countedUntil === noon
    })
    expect(blind).toMatchObject({
      state: 'blind',
      reason: expect.stringContaining('3 of 12 spans of five minutes within 1 h say nothing'),
      period: { good: 999 * 285, bad: 285, unknown: 3 },
    })

    service.next.push(...Array.from({ length: 200 }, () => ({ status: 503, body: 'busy' })))
    clock.set(noon + SPAN + MINUTE)
    const refused = await coordinator.statusWhen('it is refused', ({ traffic }) => {
      clock.advance(11_000)
      return traffic?.problem !== undefined
    })
    expect(refused.traffic).toMatchObject({
      countedUntil: noon,
      problem: { reason: 'good: it answered 503: busy' },
    })
    const metrics = await (await fetch(`${coordinator.address}/metrics`)).text()
    expect(metrics).toMatch(/synthetics_objective_traffic_requests_total\{[^}]*outcome="failed"/)

    // It has got in the meantime what it lacked, and answers.
    state.gaps.clear()
    service.next.length = 0
    const filled = await coordinator.statusWhen('the gaps are filled', ({ traffic, period }) => {
      clock.advance(11_000)
      return traffic?.problem === undefined && period.unknown === 0
    })
    expect(filled.state).toBe('quiet')
    expect(filled.period.good).toBe(filled.period.bad * 999)
    expect(filled.period.good).toBeGreaterThanOrEqual(999 * 289)
  })
})

test('requests that fail are a finding of the service, in words that count them', async () => {
  const { state, clock, start } = await story('sqlite')
  state.since = noon - DAY
  for (const spans of [0, 1]) state.bad.set(noon - spans * SPAN, 800)
  const coordinator = await start()
  const burning = await coordinator.statusWhen('it burns', ({ state }) => {
    clock.advance(1_000)
    return state === 'burning'
  })
  expect(burning).toMatchObject({
    ...{ action: 'page', regions: [] },
    reason: expect.stringContaining('1610 of 12000 requests were bad within 1 h'),
  })
  const { address } = coordinator
  const printed = await runFirewatch(['objectives', '--coordinator', address], {
    folder: await tempFolder(),
  })
  expect(printed).toMatchObject({ code: 0, stderr: '' })
  for (const line of [
    'storefront/availability  burning (page)',
    'promised  99 % over 7 d',
    'stands on 286,114 of 288,000 requests good (good of all)',
    'last hour 10,390 of 12,000 requests good',
    'spent     65.4 % of the budget',
  ])
    expect(printed.stdout).toContain(line)
  const opened = await until(
    'an incident is open',
    async () => (await coordinator.get(listIncidents)).data[0],
  )
  const { incident } = await coordinator.get(getIncident, { incidentId: opened.id })
  expect(incident.findings).toMatchObject([
    { key: 'objective:storefront/availability', scope: 'unknown', regions: [] },
  ])
})

type Status = NonNullable<
  Awaited<ReturnType<typeof listObjectives.response.parse>>['data'][number]['status']
>
