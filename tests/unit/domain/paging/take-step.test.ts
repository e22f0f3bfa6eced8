import fc from 'fast-check'
import { expect, test } from 'vitest'
import { judgeStep, type StepDelivery } from '../../../../src/domain/paging/judge-step.ts'
import { orderContacts } from '../../../../src/domain/paging/order-contacts.ts'
import { startPage } from '../../../../src/domain/paging/start-page.ts'
import { hastenStep, type Roster, takeStep } from '../../../../src/domain/paging/take-step.ts'
import type { DeliveryState } from '../../../../src/protocol/delivery.ts'
import type { Contact, Duty, Person } from '../../../../src/protocol/on-call.ts'
import type { Page } from '../../../../src/protocol/page.ts'
import { at } from '../../../support/builders.ts'

const noon = at('2026-03-13T12:00:00Z')
const MINUTE_MS = 60_000
const person = (personId: string): Duty => ({ kind: 'person', personId })
const PHONE: Contact = {
  id: 'phone',
  kind: 'ntfy',
  url: 'https://ntfy.example.com',
  topic: 'x',
  verified: '2026-03-01',
}

/** A ladder whose steps page these people, five minutes apart. */
const aPage = (steps: readonly string[][], rounds = 2): Page =>
  startPage(
    { id: 'INC-1', severity: 'SEV-1', generation: 1 },
    {
      escalation: {
        id: 'team:shop',
        as: 'page',
        because: 'Shop is the team of storefront at SEV-1',
        ladder: {
          steps: steps.map((people, index) => ({
            afterMs: index * 5 * MINUTE_MS,
            page: people.map(person),
          })),
          rounds,
          acknowledgeWithinMs: 5 * MINUTE_MS,
          acknowledgementLastsMs: 20 * MINUTE_MS,
        },
      },
      cause: 'it was opened',
      number: 1,
      now: noon,
    },
  )

/** Who is named `away-…` is nobody, and who is named `mute-…` has no contact. */
const ROSTER: Roster = {
  who: (duty) => {
    const id = duty.kind === 'person' ? duty.personId : ''
    return id.startsWith('away')
      ? { nobody: `${id} is absent` }
      : { people: [id], shadows: [], reason: `${id} is named` }
  },
  person: (id) => ({ id, name: id }),
  contacts: (id) => ({ first: id.startsWith('mute') ? [] : [PHONE], fallbacks: [] }),
}

/** Plays a page to its end, without anybody's answer. */
function play(page: Page, roster = ROSTER) {
  const told: { at: number; who: string[] }[] = []
  const types: string[] = []
  let current = page
  for (let passes = 0; current.state === 'running'; passes++) {
    expect(passes).toBeLessThan(200)
    const now = current.dueAt ?? noon
    const taken = takeStep(current, roster, now)
    types.push(...taken.drafts.map(({ type }) => type))
    if (taken.calls.length > 0)
      told.push({ at: (now - noon) / MINUTE_MS, who: taken.calls.map((call) => call.person.id) })
    current = taken.page
  }
  return { told, types, page: current }
}

test.each([
  {
    why: 'each step comes in its time, and each round after the last one had its time',
    steps: [['a'], ['b', 'a']],
    told: [
      { at: 0, who: ['a'] },
      { at: 5, who: ['b', 'a'] },
      { at: 10, who: ['a'] },
      { at: 15, who: ['b', 'a'] },
    ],
    reason: 'a and b did not acknowledge',
  },
  {
    why: 'a step that reaches nobody is passed at once, and those after it keep their distance',
    steps: [['away-a'], ['mute-b'], ['c'], ['d']],
    told: [
      { at: 0, who: ['c'] },
      { at: 5, who: ['d'] },
      { at: 10, who: ['c'] },
      { at: 15, who: ['d'] },
    ],
    reason: 'c and d did not acknowledge',
  },
  {
    why: 'whoever is there is called, although somebody of the step is not',
    steps: [['away-a', 'b']],
    told: [
      { at: 0, who: ['b'] },
      { at: 5, who: ['b'] },
    ],
    reason: 'b did not acknowledge',
  },
  {
    why: 'where nobody can be reached it is unowned at once, and no round is repeated',
    steps: [['away-a'], ['mute-b']],
    told: [],
    reason: 'nobody could be paged',
  },
])('$why', ({ steps, told, reason }) => {
  const played = play(aPage(steps))
  expect(played.told).toEqual(told)
  expect(played.page).toMatchObject({ state: 'unowned', stateReason: reason })
  expect(played.types.filter((type) => type === 'unowned')).toHaveLength(1)
})

test('the record says why there is a page, once, and why it is these people, each time', () => {
  const reasons: string[] = []
  let page = aPage([['away-a'], ['b', 'c'], ['d']], 1)
  while (page.state === 'running') {
    const taken = takeStep(page, ROSTER, page.dueAt ?? noon)
    reasons.push(...taken.drafts.flatMap((draft) => (draft.type === 'paged' ? draft.reason : [])))
    page = taken.page
  }
  expect(reasons).toEqual(['it was opened; b is named; c is named', 'd is named'])
})

test('whatever the ladder, it ends, in order, and calls nobody twice in a step', () => {
  const id = fc.constantFrom('a', 'b', 'c', 'away-d', 'mute-e')
  const ladder = fc.array(fc.array(id, { minLength: 1, maxLength: 4 }), {
    minLength: 1,
    maxLength: 6,
  })
  fc.assert(
    fc.property(ladder, fc.integer({ min: 1, max: 3 }), (steps, rounds) => {
      const { told, page } = play(aPage(steps, rounds))
      expect(page.state).toBe('unowned')
      expect(told.map((call) => call.at)).toEqual(
        told.map((call) => call.at).toSorted((a, b) => a - b),
      )
      for (const { who } of told) expect(new Set(who).size).toBe(who.length)
      expect(told.length).toBeLessThanOrEqual(steps.length * rounds)
    }),
  )
})

test('the last resort is told when nobody has acknowledged', () => {
  const { told, page } = play(aPage([['a']], 1), { ...ROSTER, lastResort: person('boss') })
  expect(told.at(-1)).toEqual({ at: 5, who: ['boss'] })
  expect(page.called.at(-1)?.people).toEqual([{ id: 'boss', name: 'boss' }])
})

test('what failed hastens the step after its own, and no other', () => {
  const { page } = takeStep(aPage([['a'], ['b']]), ROSTER, noon)
  expect(hastenStep(page, { round: 1, step: 1 }, noon + 1_000)?.dueAt).toBe(noon + 1_000)
  expect(hastenStep(page, { round: 1, step: 2 }, noon + 1_000)).toBeUndefined()
  const ended: Page = { ...page, state: 'acknowledged' }
  expect(hastenStep(ended, { round: 1, step: 1 }, noon + 1_000)).toBeUndefined()
})

const sent = (id: string, state: DeliveryState, lastError?: string): StepDelivery => ({
  deliveryId: id,
  personId: id.split('/')[0] ?? '',
  state,
  lastError,
})

test.each([
  {
    why: 'the next contact is tried when the first has failed once, though that is tried again',
    deliveries: [
      sent('a/1', 'pending', 'ntfy answered 503'),
      sent('a/2', 'waiting'),
      sent('a/3', 'waiting'),
    ],
    verdict: { release: ['a/2'], notNeeded: [], isUndelivered: false },
  },
  {
    why: 'while one has not been tried yet the others wait',
    deliveries: [sent('a/1', 'undeliverable', 'x'), sent('a/2', 'pending'), sent('a/3', 'waiting')],
    verdict: { release: [], notNeeded: [], isUndelivered: false },
  },
  {
    why: 'one that arrived makes the others superfluous',
    deliveries: [sent('a/1', 'delivered'), sent('a/2', 'waiting')],
    verdict: { release: [], notNeeded: ['a/2'], isUndelivered: false },
  },
  {
    why: 'where another person was reached, the step arrived',
    deliveries: [sent('a/1', 'undeliverable', 'x'), sent('b/1', 'delivered')],
    verdict: { release: [], notNeeded: [], isUndelivered: false },
  },
  {
    why: 'nothing arrived for certain: the next step',
    deliveries: [sent('a/1', 'undeliverable', 'x'), sent('b/1', 'ambiguous', 'y')],
    verdict: { release: [], notNeeded: [], isUndelivered: true, reason: 'x; y' },
  },
])('$why', ({ deliveries, verdict }) => {
  expect(judgeStep(deliveries, 'a')).toMatchObject(verdict)
})

test('a step that names kinds prefers them; one that names none rings everywhere', () => {
  const mail: Contact = {
    id: 'mail',
    kind: 'email',
    address: 'a@example.com',
    verified: '2026-03-01',
  }
  const unverified: Contact = { id: 'other', kind: 'email', address: 'b@example.com' }
  const someone: Person = { id: 'a', name: 'a', zone: 'UTC', contacts: [mail, unverified, PHONE] }
  expect(orderContacts(someone, undefined)).toEqual({ first: [mail, PHONE], fallbacks: [] })
  expect(orderContacts(someone, ['ntfy'])).toEqual({ first: [PHONE], fallbacks: [mail] })
  expect(orderContacts(someone, ['slack'])).toEqual({ first: [mail], fallbacks: [PHONE] })
})
