import { expect, test } from 'vitest'
import type { OrganisationSettings } from '../../../../src/coordinator/coordinator.ts'
import { preferPort } from '../../../../src/demo/prefer-port.ts'
import { addAccount, getMe, listDeeds } from '../../../../src/protocol/people-api.ts'
import {
  declareIncident,
  getIncident,
  INCIDENT_COMMANDS,
} from '../../../../src/protocol/public-api.ts'
import { PATHS } from '../../../../src/protocol/public-paths.ts'
import { aFleet, startCoordinator } from '../../../support/coordinator.ts'
import { identityProvider, type Members, wanderer } from '../../../support/identity-provider.ts'
import { startNtfy } from '../../../support/message-services.ts'
import { movableClock } from '../../../support/movable-clock.ts'
import { anOnCall, aPhone } from '../../../support/on-call.ts'
import { firstAdmin, visitor } from '../../../support/people.ts'
import { until } from '../../../support/until.ts'

const verified = (email: string, groups: string[]) => ({ email, email_verified: true, groups })

const MEMBERS: Members = {
  alpha: {
    preferred_username: 'Alpha.One',
    name: 'Alpha One',
    ...verified('alpha@example.com', ['ops']),
  },
  lead: { preferred_username: 'lead', ...verified('lead@example.com', ['ops', 'ops-leads']) },
  guest: { preferred_username: 'guest', ...verified('guest@example.com', ['sales']) },
  unproven: {
    preferred_username: 'first-admin',
    email: 'admin@example.com',
    groups: ['ops-leads'],
  },
  oncall: { preferred_username: 'somebody', ...verified('Pager@example.com', ['ops']) },
  pretender: {
    ...{ preferred_username: 'pretender', email: 'pager@example.com', email_verified: false },
    groups: ['ops'],
  },
}

async function start(settings: Partial<OrganisationSettings> = {}, fleet = aFleet()) {
  const clock = movableClock(Date.now())
  const port = await preferPort(0)
  const publicUrl = `http://127.0.0.1:${port}`
  const provider = await identityProvider(MEMBERS, publicUrl + PATHS.organisationBack)
  const coordinator = await startCoordinator({
    database: 'sqlite',
    clock,
    port,
    fleet,
    access: {
      signIn: 'required',
      publicUrl,
      organisation: {
        ...provider,
        name: 'Example',
        scopes: 'openid email profile',
        roleClaim: 'groups',
        roles: { viewer: [], responder: ['ops'], admin: ['ops-leads'] },
        roleForAll: undefined,
        ...settings,
      },
    },
  })
  const admin = await firstAdmin(coordinator)
  const { address } = coordinator
  const back = address + PATHS.organisationBack
  const isBack = (url: string) => url.startsWith(back)
  /** The whole way, as far as the coordinator's answer at its end. */
  const signIn = async (login: string, query = '') => {
    const browser = wanderer()
    const url = await browser.follow(`${address}${PATHS.organisation}${query}`, login, isBack)
    const response = await browser.visit(url)
    const [[name, value] = []] = [...browser.cookies(address)].filter(([key]) =>
      key.endsWith('-session'),
    )
    const person = visitor(address, value === undefined ? {} : { cookie: `${name}=${value}` })
    const { caller } = (await person.ask(getMe)).body
    return { browser, url, to: response.headers.get('location'), caller, person }
  }
  return { clock, address, admin, signIn, isBack }
}

test('members come in with the role that their groups give, and others do not', async () => {
  const { admin, signIn } = await start()
  expect(await signIn('alpha', '?return=/incidents')).toMatchObject({
    to: '/incidents',
    caller: { login: 'alpha.one', name: 'Alpha One', role: 'responder', hasPassword: false },
  })
  expect((await signIn('lead')).caller).toMatchObject({ login: 'lead', role: 'admin' })
  const guest = await signIn('guest')
  expect(guest.caller).toBeUndefined()
  expect(guest.to).toBe('/?problem=sign_in.organisation')
  const { data } = (await admin.ask(listDeeds)).body
  const ends = data.filter(({ action }) => action.endsWith('/back'))
  expect(ends.map(({ actor, code }) => `${actor} ${code ?? 'done'}`).toSorted()).toEqual([
    'alpha.one done',
    'lead done',
    'unknown sign_in.organisation',
  ])
})

test('a state counts once, in the browser that began it, and not for long', async () => {
  const { clock, address, signIn, isBack } = await start()
  const { browser, url } = await signIn('alpha')
  const refused = '/?problem=sign_in.organisation'
  const end = async (who: ReturnType<typeof wanderer>, at: string) =>
    (await who.visit(at)).headers.get('location')
  // Once more, in the same browser and in another.
  expect(await end(browser, url)).toBe(refused)
  expect(await end(wanderer(), url)).toBe(refused)

  // What was begun here is not ended there: that would sign a victim in as the attacker.
  const attacker = wanderer()
  const own = await attacker.follow(address + PATHS.organisation, 'alpha', isBack)
  const victim = wanderer()
  await victim.visit(address + PATHS.organisation)
  expect(await end(victim, own)).toBe(refused)
  expect([...victim.cookies(address).keys()]).not.toContain('firewatch-session')

  const slow = wanderer()
  const late = await slow.follow(address + PATHS.organisation, 'alpha', isBack)
  clock.advance(11 * 60_000)
  expect(await end(slow, late)).toBe(refused)
})

test('a code of another way, another issuer or none is refused', async () => {
  const { address, isBack } = await start()
  const browser = wanderer()
  const one = new URL(await browser.follow(address + PATHS.organisation, 'alpha', isBack))
  const other = wanderer()
  const two = new URL(await other.follow(address + PATHS.organisation, 'lead', isBack))
  const spoilt: [string, (url: URL) => void][] = [
    [
      "somebody else's code",
      (url) => url.searchParams.set('code', two.searchParams.get('code') ?? ''),
    ],
    ['another issuer', (url) => url.searchParams.set('iss', 'https://evil.example')],
    ['no code', (url) => url.searchParams.delete('code')],
  ]
  for (const [why, spoil] of spoilt) {
    const again = wanderer()
    const url = new URL(await again.follow(address + PATHS.organisation, 'alpha', isBack))
    spoil(url)
    const response = await again.visit(url.href)
    expect(response.headers.get('location'), why).toBe('/?problem=sign_in.organisation')
  }
  expect(one.searchParams.get('state')).not.toBe(two.searchParams.get('state'))
})

test('an account that is here is linked by a verified address, never by its name', async () => {
  const { admin, signIn } = await start()
  expect((await signIn('unproven')).to).toBe('/?problem=account.exists')
  const body = { login: 'lead', name: 'L', role: 'viewer', email: 'Lead@example.com' }
  await admin.ask(addAccount, { body })
  expect((await signIn('lead')).caller).toMatchObject({ login: 'lead', role: 'admin' })
})

test('a verified address makes a member the person of on-call.yaml, and pages know them', async () => {
  const phones = await startNtfy()
  const onCall = anOnCall({
    'first-responder': [aPhone('first', phones.url)],
    'second-responder': [aPhone('second', phones.url)],
  })
  const people = onCall.people.map((person) =>
    person.id === 'first-responder' ? { ...person, email: 'pager@Example.com' } : person,
  )
  const { clock, admin, signIn } = await start({}, aFleet({ onCall: { ...onCall, people } }))
  expect((await signIn('pretender')).caller).toMatchObject({ login: 'pretender' })
  const { person, caller } = await signIn('oncall')
  expect(caller).toMatchObject({ login: 'first-responder', role: 'responder' })

  const told = (count: number) =>
    until(`${count} pushes`, () => {
      const pushes = phones.taken.map(({ body }) => JSON.parse(body))
      return pushes.length >= count && pushes.map(({ topic, title }) => `${topic}: ${title}`)
    })
  const wanted = { serviceId: 'storefront', title: 'Nobody can pay', severity: 'SEV-1' }
  await admin.ask(declareIncident, { body: { ...wanted, reason: 'twelve calls' } })
  await told(1)
  clock.advance(5 * 60_000)
  await told(2)
  const params = { incidentId: 'INC-1' }
  await person.ask(INCIDENT_COMMANDS.acknowledge, { params, body: {} })
  expect((await told(3)).at(-1)).toBe('second: INC-1: first-responder has it')
  const { incident, notifications } = (await person.ask(getIncident, { params })).body
  expect(incident.acknowledged).toMatchObject({ by: 'first-responder' })
  // Who has it is not told that somebody has it.
  const others = notifications.filter(({ eventType }) => eventType === 'page.acknowledged')
  expect(others.map(({ channelId }) => channelId)).toEqual(['second-responder/phone'])
})

test.each(['//evil.example', '/\\evil.example', 'https://evil.example', '/api/v1/me'])(
  'the way back never leads to %s',
  async (path) => {
    const { signIn } = await start()
    const { to } = await signIn('alpha', `?return=${encodeURIComponent(path)}`)
    expect(to).toBe('/')
  },
)
