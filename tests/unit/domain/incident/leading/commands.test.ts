import { expect, test } from 'vitest'
import { note } from '../../../../../src/domain/incident/commands/acknowledge.ts'
import { correct } from '../../../../../src/domain/incident/commands/correct.ts'
import { planNext } from '../../../../../src/domain/incident/commands/next-action.ts'
import type { Decision, Order } from '../../../../../src/domain/incident/commands/order.ts'
import { postUpdate } from '../../../../../src/domain/incident/commands/post-update.ts'
import { stepDone, stepUndone } from '../../../../../src/domain/incident/commands/runbook-step.ts'
import { correctionsOf } from '../../../../../src/domain/incident/leading/corrections.ts'
import { draftUpdate } from '../../../../../src/domain/incident/leading/draft-update.ts'
import { lintPublicText } from '../../../../../src/domain/incident/leading/lint-public-text.ts'
import { triedSoFar } from '../../../../../src/domain/incident/leading/tried.ts'
import { updateText } from '../../../../../src/domain/incident/leading/update-text.ts'
import type { Incident, IncidentEvent } from '../../../../../src/protocol/incident.ts'
import type { Runbook } from '../../../../../src/protocol/runbook.ts'
import type { StatusPage } from '../../../../../src/protocol/status-page.ts'
import { aFinding, after, anIncident, globally, MINUTE, NOW } from '../reports.ts'

const order = (overrides: Partial<Order> = {}): Order => ({ by: 'ada', now: NOW, ...overrides })
const eventsOf = (decision: Decision): IncidentEvent[] => {
  if (decision.kind === 'rejected') throw new Error(decision.reason)
  return decision.events
}
const mitigating = (incident: Incident): Incident => ({ ...incident, state: 'mitigating' })

const runbook: Runbook = {
  id: 'disk-full',
  title: 'Disk full',
  binding: { services: ['storefront'] },
  alert: 'x',
  severity: 'x',
  prerequisites: [],
  steps: [{ what: 'Look.' }, { what: 'Remove them.', onlyIf: 'They are kept elsewhere.' }],
  escalation: 'x',
}

test('a tick is an event with its result, is taken back with a reason, and means what the step said', () => {
  const incident = anIncident()
  const first = { runbookId: 'disk-full', step: 1 }
  const ticked = eventsOf(stepDone(incident, order(), { ...first, result: '99 %' }, [runbook]))
  expect(ticked).toMatchObject([{ type: 'step_done', what: 'Look.', result: '99 %' }])
  const done = after(incident, ticked)
  expect(done.steps).toEqual([{ ...first, at: NOW, by: 'ada', result: '99 %' }])
  expect(stepDone(done, order(), first, [runbook])).toMatchObject({ code: 'incident.no_change' })
  const undone = after(
    done,
    eventsOf(stepUndone(done, order(), { ...first, reason: 'wrong host' }, [runbook])),
  )
  expect(undone.steps).toEqual([])
  expect(stepUndone(done, order(), { ...first, reason: ' ' }, [runbook])).toMatchObject({
    code: 'incident.reason_missing',
  })
  for (const wrong of [
    { ...first, step: 3 },
    { ...first, runbookId: 'other' },
  ])
    expect(stepDone(incident, order(), wrong, [runbook])).toMatchObject({
      code: 'incident.step_unknown',
    })
})

test.each([
  { given: {}, refused: 'say how it was true that they are kept elsewhere.' },
  { given: { result: 'seen' }, refused: 'name the host or place' },
  { given: { result: 'seen', on: 'db-1' }, refused: 'name the second person' },
  { given: { result: 'seen', on: 'db-1', secondPerson: 'ada' }, refused: 'name the second person' },
  { given: { result: 'seen', on: 'db-1', secondPerson: 'grace' }, refused: undefined },
])('what cannot be undone is guarded: $refused', ({ given, refused }) => {
  const step = { runbookId: 'disk-full', step: 2, ...given }
  const decision = stepDone(anIncident(), order(), step, [runbook])
  if (refused === undefined) expect(decision.kind).toBe('accepted')
  else
    expect(decision).toMatchObject({ kind: 'rejected', reason: expect.stringContaining(refused) })
})

test('what is next is one thing, and what came of it is a result', () => {
  const incident = anIncident()
  const planned = after(
    incident,
    eventsOf(planNext(incident, order(), { text: 'look at the disk', who: 'grace' })),
  )
  expect(planned.nextAction).toMatchObject({ text: 'look at the disk', who: 'grace', by: 'ada' })
  const ended = eventsOf(planNext(planned, order(), { result: 'it is full' }))
  expect(ended).toMatchObject([
    { type: 'noted', as: 'result', text: 'look at the disk: it is full' },
    { type: 'next_action_set' },
  ])
  expect(after(planned, ended).nextAction).toBeUndefined()
  expect(planNext(incident, order(), {})).toMatchObject({ code: 'incident.no_change' })
})

test('a correction holds beside the original, and the last one of each part holds', () => {
  const incident = { ...anIncident(), impactStartedAt: NOW - 10 * MINUTE }
  const noted = eventsOf(note(incident, order(), 'rolled back 811', 'action'))
  const target = noted[0]?.sequence ?? 0
  const first = eventsOf(
    correct(after(incident, noted), noted[0], order(), {
      target,
      text: 'rolled back 812',
      reason: 'typo',
    }),
  )
  const second = eventsOf(
    correct(after(after(incident, noted), first), noted[0], order({ by: 'grace' }), {
      target,
      happenedAt: NOW - 5 * MINUTE,
      reason: 'from the log',
    }),
  )
  const events = [...noted, ...first, ...second]
  expect(correctionsOf(events).get(target)).toEqual({
    text: 'rolled back 812',
    occurredAt: NOW - 5 * MINUTE,
    by: 'grace',
    at: NOW,
    reason: 'from the log',
  })
  expect(triedSoFar(events)).toEqual([{ at: NOW - 5 * MINUTE, by: 'ada', what: 'rolled back 812' }])
  const again = { target: first[0]?.sequence ?? 0, text: 'x', reason: 'y' }
  for (const [event, correction] of [
    [undefined, { target: 99, text: 'x', reason: 'y' }],
    [first[0], again],
    [
      { ...noted[0], actor: { kind: 'system' } } as IncidentEvent,
      { target, text: 'x', reason: 'y' },
    ],
  ] as const)
    expect(correct(incident, event, order(), correction)).toMatchObject({
      code: 'incident.event_unknown',
    })
  for (const happenedAt of [NOW + 1, NOW - 11 * MINUTE])
    expect(correct(incident, noted[0], order(), { target, happenedAt, reason: 'x' })).toMatchObject(
      { code: 'incident.time_impossible' },
    )
  expect(correct(incident, noted[0], order(), { target, reason: 'x' })).toMatchObject({
    code: 'incident.no_change',
  })
})

test('what was tried has its result, also when that was said afterwards', () => {
  const incident = anIncident()
  const notes = (
    [
      ['restarted it', 'action'],
      ['no change', 'result'],
      ['the disk is full', 'finding'],
      ['removed snapshots', 'action'],
    ] as const
  ).flatMap(([text, as]) => eventsOf(note(incident, order(), text, as)))
  expect(triedSoFar(notes)).toMatchObject([
    { what: 'restarted it', result: 'no change' },
    { what: 'removed snapshots' },
  ])
})

const PAGE: StatusPage = {
  title: 'Shop status',
  components: [
    { id: 'browsing', name: 'Browsing', services: ['storefront'], checks: ['homepage'] },
    { id: 'checkout', name: 'Checkout', services: ['storefront'], checks: ['checkout-stop'] },
  ],
}
const context = {
  everyMs: 15 * MINUTE,
  components: ['browsing', 'checkout'],
  text: { ids: ['checkout-stop', 'eu-west'], people: ['ada'] },
  newPublicId: 'p1',
}
const words = {
  impact: 'Nobody can pay.',
  currentStatus: 'Rolling back.',
  nextSteps: 'Look again.',
}
const told = {
  title: 'Checkout does not work',
  status: 'investigating' as const,
  acknowledgement: 'We know that Checkout does not work.',
  impact: 'Customers cannot pay.',
  work: 'We are bringing it back.',
  components: [{ id: 'checkout', status: 'major_outage' as const }],
}

test('an update is told with its labels, promises the next one, and is public only where it says so', () => {
  const incident = mitigating(anIncident(globally()))
  const inside = eventsOf(postUpdate(incident, order(), words, context))
  expect(updateText(inside[0] as never)).toBe(
    [
      'Status Update - 15:00 UTC',
      'Severity: SEV-1',
      'Impact: Nobody can pay.',
      'Current Status: Rolling back.',
      'Next Steps: Look again.',
      'Next Update: 15:15 UTC, or sooner if status changes',
    ].join('\n'),
  )
  const quiet = after(incident, inside)
  expect(quiet).toMatchObject({ updates: { nextAt: NOW + 15 * MINUTE }, toldAt: NOW })
  expect(quiet.published).toBeUndefined()
  const loud = after(
    quiet,
    eventsOf(postUpdate(quiet, order(), { ...words, public: told }, context)),
  )
  expect(loud.published).toMatchObject({ publicId: 'p1', status: 'investigating', since: NOW })
  const later = eventsOf(
    postUpdate(
      loud,
      order({ now: NOW + MINUTE }),
      { ...words, public: told },
      { ...context, newPublicId: 'p2' },
    ),
  )
  expect(after(loud, later).published).toMatchObject({ publicId: 'p1', since: NOW })
})

test.each([
  { update: { ...words, isLast: true }, code: 'incident.wrong_state', why: 'it goes on' },
  { update: { ...words, nextAt: NOW }, code: 'incident.time_impossible', why: 'it is past' },
  {
    update: { ...words, nextAt: NOW + 25 * 60 * MINUTE },
    code: 'incident.time_impossible',
    why: 'that is no promise',
  },
  {
    update: { ...words, public: { ...told, status: 'resolved' as const } },
    code: 'incident.wrong_state',
    why: 'it is not over',
  },
  {
    update: { ...words, public: { ...told, status: 'monitoring' as const } },
    code: 'incident.wrong_state',
    why: 'it still fails',
  },
  {
    update: {
      ...words,
      public: { ...told, components: [{ id: 'x', status: 'operational' as const }] },
    },
    code: 'incident.public_text',
    why: 'there is no such component',
  },
  {
    update: { ...words, public: { ...told, work: 'ada restarts db-1.' } },
    code: 'incident.public_text',
    why: 'the public does not know them',
  },
])('an update is refused where $why', ({ update, code }) => {
  const incident = mitigating(anIncident(globally()))
  expect(postUpdate(incident, order(), update, context)).toMatchObject({ kind: 'rejected', code })
})

test('what was said against the public text is overruled by whoever means it; a longer promise is kept', () => {
  const incident = mitigating(anIncident(globally()))
  const update = { ...words, public: { ...told, work: 'We restart it, ada says.' }, isMeant: true }
  const nextAt = NOW + 120 * MINUTE
  const posted = after(
    incident,
    eventsOf(postUpdate(incident, order(), { ...update, nextAt }, context)),
  )
  expect(posted.updates).toEqual({ nextAt })
})

test.each([
  ['We roll back web-prod-01.', ['web-prod-01']],
  ['See status.example.com.', ['status.example.com']],
  ['PostgreSQL is full, and so is 10.0.2.50', ['PostgreSQL', '10.0.2.50']],
  ['About 2,400 users are affected', ['2,400 users']],
  ['~30 % see errors', ['~30 %']],
  ['A minor, brief glitch', ['minor', 'brief']],
  ['Ada is on it', ['Ada']],
  ['checkout-stop fails', ['checkout-stop']],
  ['The page answers with 502', ['502']],
  ['Customers cannot pay. We will say more within 30 minutes.', []],
  ['Orders placed on 13 March are safe; SEV-1 is over.', []],
])('of “%s” the public need not read %j', (text, expected) => {
  const found = lintPublicText(text, { severity: 'SEV-1', ...context.text })
  expect(found.map((one) => one.text)).toEqual(expected)
})

test('a draft claims what was measured, in words that the public knows', () => {
  const incident = mitigating(anIncident(globally()))
  const fleet = { statusPage: PAGE, updateEveryMs: { 'SEV-1': 15 * MINUTE } }
  const failing = { windowMs: 10 * MINUTE, failed: 9, runs: 12 }
  const events = eventsOf(note(incident, order(), 'the disk is full', 'finding'))
  const draft = draftUpdate({ incident, events, failing, fleet, now: NOW })
  expect(draft).toMatchObject({
    nextAt: NOW + 15 * MINUTE,
    isLast: false,
    internal: {
      severity: 'SEV-1',
      impact:
        'checkout-stop fails in 3 of 3 regions. 75 % of our checks of it fail. It has lasted for 1 min.',
      currentStatus: 'People work on it. Found: the disk is full.',
      nextSteps: 'End the impact.',
    },
    public: {
      title: 'Checkout: not available',
      status: 'identified',
      components: [{ id: 'checkout', status: 'major_outage' }],
    },
  })
  const told = draft.public
  if (!told) throw new Error('there is a page')
  const text = [told.title, told.acknowledgement, told.impact, told.work].join(' ')
  expect(lintPublicText(text, { severity: 'SEV-1', ...context.text })).toEqual([])
  expect(postUpdate(incident, order(), { ...draft.internal, public: told }, context).kind).toBe(
    'accepted',
  )
})

test('a draft claims nothing of what nobody heard of', () => {
  const silent = anIncident(globally())
  const incident = {
    ...silent,
    findings: silent.findings.map((finding) => ({ ...finding, kind: 'no_data' as const })),
  }
  const fleet = { statusPage: PAGE, updateEveryMs: { 'SEV-1': 15 * MINUTE } }
  const draft = draftUpdate({ incident, events: [], failing: undefined, fleet, now: NOW })
  expect(draft.public).toMatchObject({
    title: 'Checkout: being checked',
    acknowledgement: 'We are checking whether Checkout works as it should.',
    impact: 'You may notice nothing of it.',
    components: [{ id: 'checkout', status: 'operational' }],
  })
})

test.each(['triage', 'mitigating', 'verifying', 'restored', 'resolved'] as const)(
  'a draft of an incident in %s can be sent as it is',
  (state) => {
    for (const finding of [aFinding(), globally(), aFinding({ kind: 'check_degraded' })]) {
      const incident = { ...anIncident(finding), state }
      const fleet = {
        statusPage: PAGE,
        updateEveryMs: { 'SEV-1': 15 * MINUTE, 'SEV-2': 30 * MINUTE },
      }
      const draft = draftUpdate({ incident, events: [], failing: undefined, fleet, now: NOW })
      const { isLast, nextAt, internal, public: draftPublic } = draft
      const everyMs = incident.severity === 'SEV-1' ? 15 * MINUTE : 30 * MINUTE
      const sent = postUpdate(
        incident,
        order(),
        { ...internal, isLast, nextAt, public: draftPublic },
        { ...context, everyMs },
      )
      expect(sent).toMatchObject({ kind: 'accepted' })
    }
  },
)
