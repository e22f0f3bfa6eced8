import { describe, expect, test } from 'vitest'
import type { Destination } from '../../../src/protocol/destination.ts'
import {
  declareIncident,
  getIncident,
  INCIDENT_COMMANDS,
} from '../../../src/protocol/public-api.ts'
import { SECRETS } from '../../support/attempt-delivery.ts'
import { at } from '../../support/builders.ts'
import { aFleet, startCoordinator } from '../../support/coordinator.ts'
import {
  type MessageService,
  startAlertApi,
  startPagerDuty,
} from '../../support/message-services.ts'
import { movableClock } from '../../support/movable-clock.ts'
import { anOnCall } from '../../support/on-call.ts'
import { until } from '../../support/until.ts'

const MINUTE_MS = 60_000
const INCIDENT = { incidentId: 'INC-1' }
const KEY = SECRETS.OPSGENIE_API_KEY ?? ''

type Change = { key: string; does: 'open' | 'acknowledge' | 'close' }

/** What was asked of PagerDuty, one event each. */
const pagerDutyChanges = ({ taken }: MessageService): Change[] =>
  taken.map(({ body }) => {
    const { event_action: action, dedup_key: key } = JSON.parse(body)
    const does = { trigger: 'open', acknowledge: 'acknowledge', resolve: 'close' } as const
    return { key, does: does[action as keyof typeof does] }
  })

/** The same of alerts of Opsgenie and Jira Service Management, which have the alias in the path. */
const alertChanges = ({ taken }: MessageService): Change[] =>
  taken
    .filter(({ method }) => method === 'POST')
    .flatMap(({ path, body }): Change[] => {
      const [, alias, does] = /\/v2\/alerts\/([^/]+)\/(acknowledge|close|notes)/.exec(path) ?? []
      if (alias === undefined) return [{ key: JSON.parse(body).alias, does: 'open' }]
      return does === 'notes' ? [] : [{ key: alias, does: does as Change['does'] }]
    })

/** Who keeps a state rings when something is opened that is not open; says what rang, and what still is. */
function played(changes: readonly Change[]) {
  const open = new Map<string, 'open' | 'acknowledged'>()
  const rang: string[] = []
  for (const { key, does } of changes)
    if (does === 'close') open.delete(key)
    else if (does === 'acknowledge') open.has(key) && open.set(key, 'acknowledged')
    else if (!open.has(key)) {
      rang.push(key)
      open.set(key, 'open')
    }
  return { rang, open: [...open].map(([key, state]) => `${key} ${state}`) }
}

describe.each<{
  name: string
  start: () => Promise<MessageService>
  destination: Extract<Destination, { kind: 'pagerduty' | 'opsgenie' | 'jsm' }>
  changes: (service: MessageService) => Change[]
  suffix: string
}>([
  {
    ...{ name: 'PagerDuty', start: startPagerDuty, changes: pagerDutyChanges, suffix: '' },
    destination: { kind: 'pagerduty', routingKey: 'PAGERDUTY_ROUTING_KEY' },
  },
  ...(['opsgenie', 'jsm'] as const).map((kind) => ({
    ...{ name: kind, start: () => startAlertApi(KEY), changes: alertChanges },
    ...{ suffix: '-opsgenie_api_key', destination: { kind, apiKey: 'OPSGENIE_API_KEY' } },
  })),
])('$name', ({ start, destination, changes, suffix }) => {
  const story = async () => {
    const service = await start()
    const clock = movableClock(at('2026-03-13T12:00:00Z'))
    const contact = { id: 'pager', ...destination, verified: '2026-03-01' }
    const coordinator = await startCoordinator({
      ...{ database: 'sqlite', clock, secrets: SECRETS },
      fleet: aFleet({
        ...{ silentAfterMs: 86_400_000, senders: { [destination.kind]: { url: service.url } } },
        // One account for both: the second step goes to the same system as the first.
        onCall: anOnCall({ ada: [contact], grace: [contact] }),
      }),
    })
    const order = { by: 'reporter', serviceId: 'storefront', title: 'Nobody can pay' }
    await coordinator.post(
      declareIncident,
      {},
      { ...order, severity: 'SEV-1', reason: 'Three customers called.' },
    )
    const rang = (count: number) =>
      until(`it rings ${count} times`, () => {
        const keys = played(changes(service)).rang
        return keys.length >= count && keys.map((key) => key.slice(0, key.length - suffix.length))
      })
    const isOpen = (...expected: string[]) =>
      until(expected.join(', ') || 'nothing is open', () => {
        const { open } = played(changes(service))
        return JSON.stringify(open) === JSON.stringify(expected)
      })
    return { service, clock, coordinator, rang, isOpen }
  }

  test('each step that comes back to it rings, and one alert is open at a time', async () => {
    const { clock, coordinator, rang, isOpen } = await story()
    expect(await rang(1)).toEqual(['inc-1-g1'])
    clock.advance(5 * MINUTE_MS)
    expect(await rang(2)).toEqual(['inc-1-g1', 'inc-1-g1-r2'])
    clock.advance(5 * MINUTE_MS)
    expect(await rang(3)).toEqual(['inc-1-g1', 'inc-1-g1-r2', 'inc-1-g1-r3'])
    await isOpen(`inc-1-g1-r3${suffix} open`)
    await coordinator.post(INCIDENT_COMMANDS.acknowledge, INCIDENT, { by: 'ada' })
    await isOpen(`inc-1-g1-r3${suffix} acknowledged`)
    await coordinator.post(INCIDENT_COMMANDS['stand-down'], INCIDENT, {
      by: 'ada',
      reason: 'drill',
    })
    await isOpen()
  })

  test('an acknowledgement that ran out rings again, although it is acknowledged there', async () => {
    const { clock, coordinator, rang, isOpen } = await story()
    await rang(1)
    await coordinator.post(INCIDENT_COMMANDS.acknowledge, INCIDENT, { by: 'ada' })
    await isOpen(`inc-1-g1${suffix} acknowledged`)
    clock.advance(21 * MINUTE_MS)
    expect(await rang(2)).toEqual(['inc-1-g1', 'inc-1-g1-r2'])
    await isOpen(`inc-1-g1-r2${suffix} open`)
  })

  test('a ring whose answer was lost rings once, and is ended with the others', async () => {
    const { service, clock, coordinator, rang, isOpen } = await story()
    await rang(1)
    service.next.push('dropped')
    clock.advance(5 * MINUTE_MS)
    await until('it is known that the answer is lost', async () => {
      const { notifications } = await coordinator.get(getIncident, INCIDENT)
      return notifications.some(({ lastError }) => lastError !== undefined)
    })
    clock.advance(3_000)
    await rang(2)
    await coordinator.post(INCIDENT_COMMANDS['stand-down'], INCIDENT, {
      by: 'ada',
      reason: 'drill',
    })
    await isOpen()
    expect(await rang(2)).toEqual(['inc-1-g1', 'inc-1-g1-r2'])
  })
})
