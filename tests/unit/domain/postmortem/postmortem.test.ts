import { expect, test } from 'vitest'
import { incidentTimes } from '../../../../src/domain/incident/times/incident-times.ts'
import { draftPostmortem } from '../../../../src/domain/postmortem/draft-postmortem.ts'
import { figuresOf, fillFigures } from '../../../../src/domain/postmortem/figures.ts'
import { lintBlame } from '../../../../src/domain/postmortem/lint-blame.ts'
import {
  beginPostmortem,
  movePostmortem,
} from '../../../../src/domain/postmortem/move-postmortem.ts'
import { refuseTree } from '../../../../src/domain/postmortem/why-tree.ts'
import type { Incident } from '../../../../src/protocol/incident.ts'
import type { PostmortemBody, Why } from '../../../../src/protocol/postmortem.ts'
import { PostmortemState } from '../../../../src/protocol/postmortem-state.ts'
import { anIncident, NOW } from '../incident/reports.ts'

const order = { by: 'ada', now: NOW }
const incident: Incident = { ...anIncident(), state: 'restored', restoredAt: NOW }
const times = incidentTimes([], 30_000)
const body = draftPostmortem(incident, [], times)
const text = (words: string): PostmortemBody => ({
  ...body,
  summary: words,
  impact: '',
  why: { question: '', answers: [] },
  wentWell: '',
  wentBadly: '',
})

test.each([
  { words: 'grace broke the pool', finds: ['grace broke'] },
  { words: 'Grace, on duty, restarted it', finds: [] },
  { words: 'The backup deleted the log', finds: [] },
  { words: 'it was human error', finds: ['human error'] },
  { words: 'they should have known', finds: ['should have'] },
  { words: 'a careless deploy', finds: ['careless'] },
  { words: 'it lasted 23 minutes', finds: ['23 minutes'] },
  { words: 'it lasted {{impact_duration}}', finds: [] },
  { words: 'a rollback (failing 100 % → 0 % after 1 min 50 s) ended it', finds: [] },
])('of "$words" is said: $finds', ({ words, finds }) => {
  const found = lintBlame(text(words), { people: ['grace', 'ada'] })
  expect(found.map((advice) => advice.words)).toEqual(finds)
  for (const { advice } of found) expect(advice).toMatch(/\w{4}/)
})

test('a draft of ours blames nobody and types no number', () => {
  expect(lintBlame(body, { people: ['ada'] })).toEqual([])
  expect(body.summary).toContain('{{impact_duration}}')
})

test('who says another number than the record gives a reason, and both are shown', () => {
  const said = { severity: { value: 'SEV-2', reason: 'half of them', by: 'ada' } }
  const figures = figuresOf(incident, times, { reports: 3, said })
  const of = (name: string) => figures.find((figure) => figure.name === name)
  expect(of('severity')).toMatchObject({
    value: 'SEV-2',
    from: 'human',
    because: 'ada: half of them',
    recorded: incident.severity,
  })
  expect(of('user_reports')).toMatchObject({ value: '3', from: 'record' })
  expect(of('users_affected')).toMatchObject({ value: null })
  expect(fillFigures('{{severity}}, {{ users_affected }}, {{nonsense}}', figures)).toBe(
    'SEV-2, not known, {{nonsense}}',
  )
})

test('what was lost is a figure of each service that says what it earns, and drafted only then', () => {
  const lost = (name: string, amount: string) => ({
    ...{ serviceId: name, name, amount, because: '23 min', words: '' },
  })
  const figure = (...revenue: ReturnType<typeof lost>[]) =>
    figuresOf(incident, times, { reports: 0, revenue, said: {} }).find(
      ({ name }) => name === 'revenue_lost',
    )
  expect(figure()).toMatchObject({ value: null, from: 'human' })
  expect(figure(lost('Shop', 'about EUR 8,050'))).toMatchObject({
    ...{ value: 'about EUR 8,050', from: 'probe', because: '23 min' },
  })
  expect(figure(lost('Shop', 'about EUR 8,050'), lost('Pay', 'about USD 5'))?.value).toBe(
    'Shop: about EUR 8,050; Pay: about USD 5',
  )
  expect(body.impact).not.toContain('revenue_lost')
  expect(draftPostmortem(incident, [], times, undefined, true).impact).toContain('{{revenue_lost}}')
})

test.each(PostmortemState.options)(
  'a review goes forward by one step and back; from %s',
  (from) => {
    const ways = PostmortemState.options.filter(
      (to) =>
        movePostmortem({ ...incident, postmortem: { state: from } }, order, { to }).kind ===
        'accepted',
    )
    expect(ways).toEqual(
      {
        draft: ['in_review'],
        in_review: ['draft', 'reviewed'],
        reviewed: ['draft', 'in_review', 'closed'],
        closed: [],
      }[from],
    )
  },
)

test('a minor incident is reviewed on request, once it is restored', () => {
  expect(beginPostmortem(incident, order)).toMatchObject({
    kind: 'accepted',
    events: [{ type: 'postmortem_moved', to: 'draft', dueAt: NOW + 48 * 3_600_000 }],
  })
  expect(beginPostmortem({ ...incident, state: 'mitigating' }, order).kind).toBe('rejected')
})

test('a tree of whys has an end', () => {
  const deep = (levels: number): Why[] =>
    levels === 0 ? [] : [{ answer: 'a', evidence: [], whys: deep(levels - 1) }]
  expect(refuseTree(deep(8))).toBeUndefined()
  expect(refuseTree(deep(9))).toBe('the whys go 9 deep; at most 8')
  expect(refuseTree(Array.from({ length: 61 }, () => deep(1)).flat())).toBe(
    'there are 61 answers; at most 60',
  )
})
