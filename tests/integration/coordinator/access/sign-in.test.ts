import { expect, test } from 'vitest'
import {
  acceptInvitation,
  addAccount,
  changeAccount,
  changePassword,
  getMe,
  inviteAgain,
  listAccounts,
  listDeeds,
  signIn,
  signOut,
} from '../../../../src/protocol/people-api.ts'
import { getNow } from '../../../../src/protocol/public-api.ts'
import { startCoordinator, type TestCoordinatorOptions } from '../../../support/coordinator.ts'
import { DATABASES } from '../../../support/databases.ts'
import { movableClock } from '../../../support/movable-clock.ts'
import { firstAdmin, member, PASSWORD, signInAs, visitor, whoIs } from '../../../support/people.ts'

const HOUR_MS = 3_600_000
const NEXT = 'another lamp by the door'

async function start(options: Partial<TestCoordinatorOptions> = {}) {
  const clock = movableClock(Date.parse('2026-03-02T09:00:00Z'))
  const coordinator = await startCoordinator({
    database: 'sqlite',
    clock,
    ...options,
    access: { signIn: 'required', ...options.access },
  })
  return { clock, coordinator, address: coordinator.address }
}

test.each(DATABASES)('on %s, a link makes the first admin, once', async (database) => {
  const { coordinator, address } = await start({ database })
  expect(coordinator.invitation).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/join#fwi_/)
  const stranger = visitor(address)
  expect((await stranger.ask(getNow)).status).toBe(401)
  expect((await stranger.ask(getMe)).body).toEqual({ signIn: 'required' })

  const admin = await firstAdmin(coordinator)
  expect(await whoIs(admin)).toMatchObject({ login: 'first-admin', role: 'admin' })
  expect((await admin.ask(getNow)).status).toBe(200)
  const token = coordinator.invitation?.split('#')[1]
  const again = await stranger.ask(acceptInvitation, {
    body: { token, login: 'second', password: PASSWORD },
  })
  expect(again).toMatchObject({ status: 404, body: { code: 'invitation.unknown' } })
})

test.each(DATABASES)('on %s, somebody is invited, signs in and out', async (database) => {
  const { coordinator, address } = await start({ database })
  const admin = await firstAdmin(coordinator)
  const person = await member(address, admin, 'first-responder', 'responder')
  expect(await whoIs(person)).toMatchObject({ login: 'first-responder', role: 'responder' })

  const other = visitor(address)
  expect((await signInAs(other, 'First-Responder ')).status).toBe(200)
  expect((await other.ask(signOut, { body: {} })).body).toEqual({ ended: 1 })
  expect(other.cookie()).toBeUndefined()
  expect((await other.ask(getNow)).status).toBe(401)
  expect((await person.ask(getNow)).status).toBe(200)

  await signInAs(other, 'first-responder')
  expect((await other.ask(signOut, { body: { everywhere: true } })).body).toEqual({ ended: 2 })
  expect((await person.ask(getNow)).status).toBe(401)
})

test('a new link sets a new password and ends what was open before', async () => {
  const { coordinator, address } = await start()
  const admin = await firstAdmin(coordinator)
  const person = await member(address, admin, 'first-responder', 'responder')
  const { body } = await admin.ask(inviteAgain, { params: { login: 'first-responder' } })
  const other = visitor(address)
  const token = body.link.split('#')[1]
  expect((await other.ask(acceptInvitation, { body: { token, password: NEXT } })).status).toBe(200)
  expect((await person.ask(getNow)).status).toBe(401)
  expect((await signInAs(person, 'first-responder')).status).toBe(401)
  expect((await signInAs(person, 'first-responder', NEXT)).status).toBe(200)
})

test('a password is changed with the present one, and other sessions end', async () => {
  const { coordinator, address } = await start()
  const admin = await firstAdmin(coordinator)
  const elsewhere = visitor(address)
  await signInAs(elsewhere, 'first-admin')
  const before = admin.cookie()
  const wrong = await admin.ask(changePassword, { body: { present: 'not it', next: NEXT } })
  expect(wrong.body.code).toBe('sign_in.refused')
  const right = await admin.ask(changePassword, { body: { present: PASSWORD, next: NEXT } })
  expect(right.status).toBe(200)
  expect(admin.cookie()).not.toBe(before)
  expect((await admin.ask(getNow)).status).toBe(200)
  expect((await elsewhere.ask(getNow)).status).toBe(401)
  expect((await visitor(address, { cookie: before ?? '' }).ask(getNow)).status).toBe(401)
})

test('what may be typed as a new password is bounded', async () => {
  const { coordinator, address } = await start()
  const token = coordinator.invitation?.split('#')[1]
  for (const password of ['short', 'aaaaaaaaaaaaaaaaaaaa', 'x'.repeat(300)]) {
    const { status, body } = await visitor(address).ask(acceptInvitation, {
      body: { token, login: 'first-admin', password },
    })
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'request.invalid' })
  }
})

test('a session ends when it is not used, and in any case', async () => {
  const { clock, coordinator } = await start({
    access: { sessionIdleMs: HOUR_MS, sessionMs: 3 * HOUR_MS },
  })
  const admin = await firstAdmin(coordinator)
  for (let minutes = 0; minutes < 150; minutes += 50) {
    clock.advance(50 * 60_000)
    expect((await admin.ask(getNow)).status).toBe(200)
  }
  clock.advance(30 * 60_000)
  expect((await admin.ask(getNow)).status).toBe(401)
  await signInAs(admin, 'first-admin')
  clock.advance(HOUR_MS)
  expect((await admin.ask(getNow)).status).toBe(401)
})

test('whoever is switched off, or may do less, is so at once', async () => {
  const { coordinator, address } = await start()
  const admin = await firstAdmin(coordinator)
  const person = await member(address, admin, 'second-admin', 'admin')
  const params = { login: 'second-admin' }
  expect((await person.ask(listAccounts)).status).toBe(200)
  await admin.ask(changeAccount, { params, body: { role: 'viewer' } })
  expect((await person.ask(listAccounts)).status).toBe(403)
  await admin.ask(changeAccount, { params, body: { isDisabled: true } })
  expect((await person.ask(getNow)).status).toBe(401)
  expect((await signInAs(person, 'second-admin')).body.code).toBe('sign_in.refused')
})

test.each(DATABASES)('on %s, the last admin stays one', async (database) => {
  const { coordinator, address } = await start({ database })
  const admin = await firstAdmin(coordinator)
  const second = await member(address, admin, 'second-admin', 'admin')
  // Both at once: one of them must stay.
  const [one, other] = await Promise.all([
    admin.ask(changeAccount, { params: { login: 'second-admin' }, body: { role: 'viewer' } }),
    second.ask(changeAccount, { params: { login: 'first-admin' }, body: { role: 'viewer' } }),
  ])
  const statuses = [one.status, other.status]
  expect(statuses.filter((status) => status === 200)).toHaveLength(1)
  expect([403, 409]).toContain(statuses.find((status) => status !== 200))
})

test('the environment names an admin, whose password stays theirs', async () => {
  const { coordinator, address } = await start({
    access: { firstAdmin: { login: 'demo', password: PASSWORD } },
  })
  expect(coordinator.invitation).toBeUndefined()
  expect((await signInAs(visitor(address), 'demo')).status).toBe(200)
})

test('the audit log says who did what, also what was refused, and nothing secret', async () => {
  const { clock, coordinator, address } = await start()
  const admin = await firstAdmin(coordinator)
  clock.advance(1_000)
  const viewer = await member(address, admin, 'just-looking', 'viewer')
  clock.advance(1_000)
  await viewer.ask(addAccount, { body: { login: 'friend', name: 'Friend', role: 'admin' } })
  clock.advance(1_000)
  await signInAs(visitor(address), 'just-looking', 'a wrong password')
  const { data } = (await admin.ask(listDeeds)).body
  const lines = data.map(({ actor, action, subject = '-', status }) =>
    [status, actor, action, subject].join(' '),
  )
  expect(lines).toEqual([
    '401 unknown POST /api/v1/session -',
    '403 just-looking POST /api/v1/accounts -',
    // These two were at the same instant.
    ...[
      '200 just-looking POST /api/v1/session/invitation -',
      '200 first-admin POST /api/v1/accounts just-looking, viewer',
    ].toSorted((a, b) => lines.indexOf(a) - lines.indexOf(b)),
    '200 first-admin POST /api/v1/session/invitation -',
  ])
  expect(data[0]).toMatchObject({ code: 'sign_in.refused', from: '127.0.0.1' })
  const written = JSON.stringify(data)
  for (const secret of [PASSWORD, 'a wrong password', 'fwi_', 'fws_'])
    expect(written).not.toContain(secret)
})

test('the next page of the audit log goes on where the one before ended', async () => {
  const { coordinator, address } = await start()
  const admin = await firstAdmin(coordinator)
  for (let i = 0; i < 5; i++)
    await admin.ask(addAccount, { body: { login: `person-${i}`, name: 'P', role: 'viewer' } })
  await visitor(address).ask(signIn, { body: { login: 'person-1', password: 'x' } })
  const all = (await admin.ask(listDeeds)).body.data
  const first = (await admin.ask(listDeeds, { query: { limit: '3' } })).body
  const cursor = first.nextCursor ?? ''
  const rest = (await admin.ask(listDeeds, { query: { cursor } })).body
  expect([...first.data, ...rest.data]).toEqual(all)
  expect(rest.nextCursor).toBeNull()
})
