import { expect, test } from 'vitest'
import { BURN_WINDOWS } from '../../../../src/domain/objective/burn-windows.ts'
import type { BurnDecision } from '../../../../src/domain/objective/evaluate-burn.ts'
import { placeBurn } from '../../../../src/domain/objective/place-burn.ts'
import type { Incident } from '../../../../src/protocol/incident.ts'
import { aFinding, NOW } from '../incident/reports.ts'

const KEY = 'objective:storefront/availability'
const [fast, , slow] = BURN_WINDOWS
const burning: BurnDecision = { state: 'burning', window: fast, regions: [], reason: 'burns' }

type Finding = Incident['findings'][number]
const failing = (clearedAt?: number): Finding => ({
  ...aFinding(),
  evidence: [],
  ...(clearedAt !== undefined && { clearedAt }),
})
const burn: Finding = {
  ...aFinding({ key: KEY, kind: 'objective_burning', subject: 'availability' }),
  evidence: [],
}
const incident = (
  state: Incident['state'],
  findings: Finding[],
  recoveredAt?: number,
): Pick<Incident, 'id' | 'state' | 'findings' | 'recoveredAt'> => ({
  id: 'INC-7',
  state,
  findings,
  recoveredAt,
})

test.each<{
  why: string
  decision?: BurnDecision
  of?: ReturnType<typeof incident>
  lastBadAt?: number
  kind: string
}>([
  { why: 'nothing else tells of it', kind: 'report' },
  {
    why: 'a slow burn waits for the working day',
    decision: { ...burning, window: slow },
    kind: 'clear',
  },
  { why: 'it is calm', decision: { state: 'quiet', regions: [], reason: 'calm' }, kind: 'clear' },
  { why: 'nothing is known', decision: { state: 'blind', regions: [], reason: '?' }, kind: 'hold' },
  {
    why: 'nothing came since it burnt',
    decision: { state: 'burning', regions: [], reason: 'silence' },
    kind: 'hold',
  },
  { why: 'a failing check tells of it', of: incident('triage', [failing()]), kind: 'hold' },
  {
    why: 'another objective opened the incident',
    of: incident('triage', [{ ...burn, key: 'objective:storefront/quick' }]),
    kind: 'report',
  },
  { why: 'it is the finding', of: incident('triage', [burn]), kind: 'report' },
  {
    why: 'the check beside it still fails',
    of: incident('mitigating', [burn, failing()]),
    lastBadAt: NOW,
    kind: 'report',
  },
  {
    why: 'the check beside it passes again',
    of: incident('mitigating', [burn, failing(NOW)]),
    lastBadAt: NOW - 1,
    kind: 'clear',
  },
  {
    why: 'the check beside it passes, and yet runs are bad',
    of: incident('mitigating', [burn, failing(NOW)]),
    lastBadAt: NOW + 1,
    kind: 'report',
  },
  {
    why: 'the failures of before the recovery do not break it',
    of: incident('verifying', [failing(NOW)], NOW),
    lastBadAt: NOW - 1,
    kind: 'hold',
  },
  {
    why: 'it goes on while the incident is being verified',
    of: incident('verifying', [failing(NOW)], NOW),
    lastBadAt: NOW + 1,
    kind: 'report',
  },
  {
    why: 'it came back after the incident was restored',
    of: incident('restored', [failing(NOW)], NOW),
    lastBadAt: NOW + 1,
    kind: 'report',
  },
])('$kind: $why', ({ decision = burning, of, lastBadAt, kind }) => {
  expect(placeBurn(KEY, decision, of, lastBadAt).kind).toBe(kind)
})
