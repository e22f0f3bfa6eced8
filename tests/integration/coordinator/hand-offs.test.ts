import { expect, test } from 'vitest'
import type { Fleet } from '../../../src/protocol/config.ts'
import { HandOff } from '../../../src/protocol/hand-off.ts'
import { confirmHandOff, getOnCall, lintOnCall } from '../../../src/protocol/on-call-api.ts'
import { at } from '../../support/builders.ts'
import { aFleet, startCoordinator, type TestCoordinator } from '../../support/coordinator.ts'
import { DATABASES, freshDatabase } from '../../support/databases.ts'
import { type MailServer, startMailServer } from '../../support/mail-server.ts'
import { movableClock } from '../../support/movable-clock.ts'
import { anOnCall, aPerson, aRotation } from '../../support/on-call-builders.ts'
import { until } from '../../support/until.ts'

const MINUTE = 60_000
/** b takes over from a. */
const monday = at('2026-01-12T09:00:00Z')

const person = (id: string) =>
  aPerson(id, {
    contacts: [{ id: 'mail', kind: 'email', address: `${id}@example.com`, verified: '2026-01-02' }],
  })
const fleet = (): Fleet =>
  aFleet({
    silentAfterMs: 86_400_000,
    senders: { email: { from: 'firewatch@example.com' } },
    onCall: anOnCall({
      people: ['a', 'b', 'c', 'd'].map(person),
      rotations: [aRotation([{}], { access: [{ name: 'Logs', test: 'sign in' }] })],
    }),
  })

const handOffsOf = async (coordinator: TestCoordinator) =>
  (await coordinator.get(getOnCall)).handOffs ?? []

/** Each once: who is stopped right after sending may send the same again, under the same id. */
const mailsIn = ({ taken }: MailServer): string[] => {
  const headerOf = (source: string, name: string) =>
    new RegExp(`^${name}:\\s+(.*)`, 'mi').exec(source)?.[1]?.trim() ?? ''
  const byId = new Map(taken.map((mail) => [headerOf(mail.source, 'Message-ID'), mail]))
  return [...byId.values()].map(({ to, source }) => `${to[0]}: ${headerOf(source, 'Subject')}`)
}

test.each(DATABASES)(
  'on %s, who takes over is told once, confirms it, and somebody else hears when they do not',
  async (database) => {
    const mail = await startMailServer()
    const clock = movableClock(monday - MINUTE)
    const options = {
      ...{ database: await freshDatabase(database), clock, fleet: fleet() },
      secrets: { SMTP_URL: mail.url },
    }
    const mails = () => mailsIn(mail)
    const first = await startCoordinator(options)
    await until('a pass before the hand-off', () => first.get(getOnCall))
    expect(await handOffsOf(first)).toEqual([])
    // It takes place while nobody is there to see it; a restart finds it, and another does nothing twice.
    await first.stop()
    clock.advance(MINUTE)
    const second = await startCoordinator(options)
    await until('b is told', () => mails().length === 1)
    expect(mails()).toEqual(['b@example.com: You are on call: primary of weekly'])
    const text = mail.taken[0]?.source.replaceAll(/=\r?\n/g, '') ?? ''
    expect(text).toContain('From Mon 2026-01-12 09:00 (UTC) until Mon 2026-01-19 09:00 (UTC)')
    expect(text).toContain('SEV-1: acknowledge within 5 min')
    expect(text).toContain('- Logs: sign in')
    expect(text).toContain(`${second.address}/on-call`)
    await second.stop()

    clock.advance(30 * MINUTE)
    const third = await startCoordinator(options)
    await until('a is told', () => mails().length === 2)
    expect(mails()[1]).toBe('a@example.com: Not confirmed: b as primary of weekly')
    const { complaints } = await third.get(lintOnCall)
    expect(complaints[0]).toMatchObject({
      ...{ kind: 'shift_unconfirmed', level: 'warning' },
      message: expect.stringContaining('b is primary of weekly since'),
    })

    const [handOff] = await handOffsOf(third)
    expect(handOff).toMatchObject({
      ...{ personId: 'b', leaving: 'a', toldBy: 'mail', from: monday },
      unconfirmed: { told: 'a' },
    })
    const params = { handOffId: handOff?.handOffId ?? '' }
    expect(await third.post(confirmHandOff, params, { by: 'a' })).toMatchObject({
      status: 409,
      answer: { code: 'on_call.refused', detail: expect.stringContaining('it is b who takes it') },
    })
    const confirmed = await third.post(confirmHandOff, params, { by: 'b' })
    expect(HandOff.parse(confirmed.answer).confirmedAt).toBe(clock.now())
    expect((await third.get(lintOnCall)).complaints.map(({ kind }) => kind)).not.toContain(
      'shift_unconfirmed',
    )
    expect(
      await third.post(confirmHandOff, { handOffId: 'no.such.one' }, { by: 'b' }),
    ).toMatchObject({ status: 404, answer: { code: 'on_call.unknown' } })
    expect(mails()).toHaveLength(2)
  },
)

test('on postgres, two coordinators at once tell of one hand-off once', async () => {
  const mail = await startMailServer()
  const options = {
    ...{ database: await freshDatabase('postgres'), clock: movableClock(monday), fleet: fleet() },
    secrets: { SMTP_URL: mail.url },
  }
  const [one, other] = await Promise.all([startCoordinator(options), startCoordinator(options)])
  await until('b is told', () => mail.taken.length > 0)
  const [handOff] = await handOffsOf(one)
  await other.post(confirmHandOff, { handOffId: handOff?.handOffId ?? '' }, { by: 'b' })
  expect(await handOffsOf(other)).toHaveLength(1)
  expect(mailsIn(mail)).toHaveLength(1)
})
