import { expect, test } from 'vitest'
import { NO_ON_CALL } from '../../../src/protocol/on-call.ts'
import {
  declareIncident,
  INCIDENT_COMMANDS,
  listIncidents,
} from '../../../src/protocol/public-api.ts'
import { at } from '../../support/builders.ts'
import { aFleet, startCoordinator, type TestCoordinator } from '../../support/coordinator.ts'
import { DATABASES, freshDatabase } from '../../support/databases.ts'
import { startMailServer } from '../../support/mail-server.ts'
import { movableClock } from '../../support/movable-clock.ts'
import { anOnCall, aPerson } from '../../support/on-call-builders.ts'
import { until } from '../../support/until.ts'

const DAY = 86_400_000
const monday = at('2026-03-16T09:00:00Z')

const fleet = aFleet({
  silentAfterMs: 365 * DAY,
  checks: [],
  services: ['storefront', 'payments'].map((id) => ({
    ...{ id, name: id, tier: 'minor' as const, owner: undefined },
  })),
  senders: { email: { from: 'firewatch@example.com' } },
  onCall: anOnCall({
    digest: { day: 1, at: 9 * 60 },
    rotations: [],
    ladders: NO_ON_CALL.ladders,
    people: ['a', 'b', 'c', 'd'].map((id) =>
      aPerson(id, {
        contacts: [
          { id: 'mail', kind: 'email', address: `${id}@example.com`, verified: '2026-01-02' },
        ],
      }),
    ),
  }),
})

const declare = async (
  coordinator: TestCoordinator,
  title: string,
  severity: string,
  serviceId = 'storefront',
) => {
  const body = { by: 'a', serviceId, title, severity, reason: 'seen' }
  return (await coordinator.post(declareIncident, {}, body)).answer.incident.id
}

test.each(DATABASES)(
  'on %s, a team reads once a week what is still open, whoever restarts and however many there are',
  async (database) => {
    const mail = await startMailServer()
    const clock = movableClock(monday - 40 * DAY)
    const options = {
      ...{ database: await freshDatabase(database), clock, fleet },
      secrets: { SMTP_URL: mail.url },
    }
    const texts = () => mail.taken.map(({ source }) => source.replaceAll(/=\r?\n/g, ''))
    const first = await startCoordinator(options)
    await declare(first, 'A word is misspelled', 'SEV-4')
    clock.set(monday - 2 * DAY)
    await declare(first, 'The report is late', 'SEV-3')
    await declare(first, 'Nobody can pay', 'SEV-1')
    await declare(first, 'Not theirs', 'SEV-4', 'payments')
    const over = await declare(first, 'A picture is missing', 'SEV-4')
    await first.post(
      INCIDENT_COMMANDS['stand-down'],
      { incidentId: over },
      { by: 'a', reason: 'x' },
    )
    expect((await first.get(listIncidents, {}, { order: 'oldest', limit: 2 })).data).toMatchObject([
      { id: 'INC-1' },
      { id: 'INC-2' },
    ])
    await first.stop()

    clock.set(monday + 60_000)
    const isShared = database === 'postgres'
    const both = await Promise.all((isShared ? [1, 2] : [1]).map(() => startCoordinator(options)))
    await until('the digest is sent', () => mail.taken.length > 0)
    const [text = ''] = texts()
    expect(text).toContain('Subject: Backlog of Shop: 2 open, one for 40 days')
    expect(text).toMatch(
      /INC-1 SEV-4 for 40 days: A word is misspelled[\s\S]*INC-2 SEV-3 for 2 days/,
    )
    expect(text).not.toMatch(/Nobody can pay|Not theirs|A picture/)
    expect(text).toContain('2 opened and 1 ended')
    expect(mail.taken[0]?.to).toEqual(['d@example.com'])
    for (const coordinator of both) await coordinator.stop()

    // A restart within the same morning says nothing more; the next week has its own.
    clock.advance(60 * 60_000)
    const again = await startCoordinator(options)
    await again.get(listIncidents)
    clock.set(monday + 7 * DAY)
    await again.stop()
    const next = await startCoordinator(options)
    await until('the next digest is sent', () => mail.taken.length > 1)
    await next.stop()
    const ids = new Set(texts().map((source) => /^Message-ID:\s+(.*)/im.exec(source)?.[1]))
    expect(ids.size).toBe(2)
    expect(texts().at(-1)).toContain('0 opened and 0 ended')
  },
)
