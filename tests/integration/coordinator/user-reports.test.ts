import { describe, expect, test } from 'vitest'
import { getIncident, listIncidents, reportProblem } from '../../../src/protocol/public-api.ts'
import { at } from '../../support/builders.ts'
import { aFleet, startCoordinator, type TestCoordinatorOptions } from '../../support/coordinator.ts'
import { DATABASES, type Database, freshDatabase } from '../../support/databases.ts'
import { movableClock } from '../../support/movable-clock.ts'
import { until } from '../../support/until.ts'

const noon = at('2026-03-13T12:00:00Z')
const MINUTE = 60_000

/** Nothing but what people report opens an incident. */
const quietFleet = (more: Parameters<typeof aFleet>[0] = {}) =>
  aFleet({ checks: [], silentAfterMs: 86_400_000, ...more })

async function start(
  database: TestCoordinatorOptions['database'],
  more: Parameters<typeof aFleet>[0] = {},
) {
  const clock = movableClock(noon)
  const coordinator = await startCoordinator({ database, clock, fleet: quietFleet(more) })
  const report = (text: string, others: object = {}) =>
    coordinator.post(reportProblem, {}, { serviceId: 'storefront', text, ...others })
  const incident = async () => {
    const [summary] = (await coordinator.get(listIncidents)).data
    return summary && (await coordinator.get(getIncident, { incidentId: summary.id }))
  }
  return { clock, coordinator, report, incident }
}

describe.each(DATABASES)('on %s', (kind: Database) => {
  test('three reports within a quarter of an hour open an incident; silence clears it', async () => {
    const database = await freshDatabase(kind)
    const { clock, coordinator, report, incident } = await start(database)
    expect((await report('the cart is empty')).answer).toMatchObject({ count: 1, needed: 3 })
    clock.advance(5 * MINUTE)
    const first = await report('no cart', { by: 'Ana', commandId: 'a-command-id' })
    const again = await report('no cart', { by: 'Ana', commandId: 'a-command-id' })
    expect([first.answer, again.answer]).toMatchObject([
      { count: 2, isRepeated: false },
      { count: 2, isRepeated: true },
    ])
    expect(await incident()).toBeUndefined()
    clock.advance(5 * MINUTE)
    await report('<img src=x onerror=alert(1)>')

    expect(await incident()).toMatchObject({
      headline: 'Users: 3 reports of users within 15 min',
      incident: {
        severity: 'SEV-2',
        impactStartedAt: noon,
        findings: [
          {
            kind: 'signal',
            layer: 'users',
            reason:
              '3 reports of users within 15 min: “<img src=x onerror=alert(1)>”, “no cart”, “the cart is empty”',
          },
        ],
      },
    })
    clock.advance(1_000)
    await report('still so')
    const { triage, incident: open } = (await incident()) ?? {}
    expect(open?.lastSequence).toBe(2)
    expect(triage?.reports).toMatchObject({ count: 4, latest: [{ text: 'still so' }, {}, {}] })
    expect(triage?.corroboration.seen).toEqual([{ layer: 'users', findings: 1 }])

    // It is over only when none came for the whole time, also for a coordinator that starts anew.
    await coordinator.stop()
    const later = await startCoordinator({ database, clock, fleet: quietFleet() })
    clock.advance(16 * MINUTE)
    await until('it is verified', async () => {
      const { incident: now, events } = await later.get(getIncident, { incidentId: 'INC-1' })
      return (
        now.state === 'verifying' &&
        events.some((event) => event.type === 'finding_cleared' && event.reason.includes('15 min'))
      )
    })
  })

  test('reports of one moment open one incident', async () => {
    const { coordinator, report } = await start(kind, {
      reportRule: { count: 4, withinMs: MINUTE, severity: 'SEV-1' },
    })
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => report(`no cart ${index}`)),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(
      Math.max(...answers.map(({ answer }) => (answer as { count?: number }).count ?? 0)),
    ).toBe(8)
    const { data } = await coordinator.get(listIncidents)
    expect(data).toHaveLength(1)
    expect(data[0]?.severity).toBe('SEV-1')
  })
})

test.each([
  { body: { serviceId: 'nope', text: 'x' }, status: 404, why: 'an unknown service' },
  { body: { serviceId: 'storefront', text: '  ' }, status: 400, why: 'no words' },
  { body: { serviceId: 'storefront', text: 'x', more: 1 }, status: 400, why: 'a word too much' },
  { body: { serviceId: 'storefront', text: 'x'.repeat(20_000) }, status: 413, why: 'a novel' },
])('$why is refused', async ({ body, status }) => {
  const { coordinator } = await start('sqlite')
  expect((await coordinator.post(reportProblem, {}, body)).status).toBe(status)
})
