import { expect, test } from 'vitest'
import { reportFinding } from '../../../../src/domain/incident/transition.ts'
import { foundByUsers } from '../../../../src/domain/postmortem/found-by-users.ts'
import type { Finding } from '../../../../src/protocol/incident.ts'
import { NewActionItem } from '../../../../src/protocol/postmortem.ts'
import { aFinding, after, aReport, MINUTE, NOW } from '../incident/reports.ts'

const found = (finding: Finding) => reportFinding(undefined, aReport({ finding }))
const probes = found(aFinding())
const users = found(aFinding({ key: 'signal:user-reports:x', kind: 'signal', layer: 'users' }))
const byHand = users.slice(0, 1)

test.each([
  { events: probes, reportAt: undefined, gap: undefined, why: 'nobody had to tell' },
  { events: probes, reportAt: NOW + 1, gap: undefined, why: 'the probes were first' },
  {
    ...{ events: probes, reportAt: NOW - 2 * MINUTE, why: 'users were first' },
    gap: 'Users told of it 2 min before anything that watches found it.',
  },
  {
    ...{ events: users, reportAt: NOW - MINUTE, why: 'only users saw it' },
    gap: 'Users told of it, and nothing that watches ever found it.',
  },
  { events: byHand, reportAt: undefined, gap: undefined, why: 'no user told of it' },
])('$why', ({ events, reportAt, gap }) => {
  const incident = after(undefined, events)
  expect(foundByUsers(incident, events, { firstReportAt: reportAt, now: NOW })?.words).toBe(gap)
})

test('what is to be done is of type detect, has an owner and a day, and is as people may write it', () => {
  const incident = {
    ...{ ...after(undefined, users), title: 'x'.repeat(500) },
    acknowledged: { by: 'ada', at: NOW, generation: 1 },
  }
  const gap = foundByUsers(incident, users, { firstReportAt: NOW - MINUTE, now: NOW })
  expect(NewActionItem.parse(gap?.item)).toMatchObject({
    ...{ type: 'detect', owner: 'ada', priority: 'P2' },
    dueAt: NOW + 14 * 86_400_000,
  })
})
