import { expect, test } from 'vitest'
import {
  fleetSentence,
  regionWords,
  slotsWords,
} from '../../../../src/dashboard/words/fleet-words.ts'
import type { ProbeStatus } from '../../../../src/protocol/public-api.ts'
import { aHeartbeat } from '../../../support/coordinator.ts'
import { aRegion } from '../../../support/dashboard-builders.ts'

const aProbe = (state: ProbeStatus['state']): ProbeStatus => ({
  probeId: 'eu-west-1',
  regionId: 'eu-west',
  state,
  lastSeenAt: 0,
  heartbeat: aHeartbeat('eu-west', 0),
})

test.each([
  { region: aRegion({ probes: [aProbe('ok')] }), expected: '1 probe ok' },
  {
    region: aRegion({ probes: [aProbe('ok'), aProbe('ok'), aProbe('silent')] }),
    expected: '2 probes ok, 1 silent',
  },
  { region: aRegion({ state: 'silent', probes: [aProbe('silent')] }), expected: 'silent' },
  { region: aRegion({ state: 'waiting' }), expected: 'waiting for its first probe' },
])('a region reads: $expected', ({ region, expected }) => {
  expect(regionWords(region)).toBe(expected)
})

test.each([
  { states: ['ok', 'ok'], expected: '2 of 2 regions report.' },
  { states: ['ok', 'silent'], expected: '1 of 2 regions report; region-2 is silent.' },
  { states: ['waiting'], expected: '0 of 1 region report; region-1 waits for a first probe.' },
  { states: [], expected: 'No region is defined.' },
] as const)('the fleet reads: $expected', ({ states, expected }) => {
  const regions = states.map((state, index) => aRegion({ regionId: `region-${index + 1}`, state }))
  expect(fleetSentence(regions)).toBe(expected)
})

const none = { passed: 0, degraded: 0, failed: 0, probe_fault: 0, missed: 0, skipped: 0 }

test.each([
  { ends: none, expected: 'slots run – in the last hour', why: 'unknown is never 0' },
  {
    ends: { ...none, passed: 900, failed: 100 },
    expected: 'slots run 100 % of 1,000 in the last hour',
    why: 'a failure of the target was measured too',
  },
  {
    ends: { ...none, passed: 9_995, missed: 4, probe_fault: 1 },
    expected: 'slots run 99.9 % of 10,000 in the last hour (4 missed, 1 probe fault)',
    why: 'what is missing never rounds up to all',
  },
  {
    ends: { ...none, passed: 10, skipped: 5 },
    expected: 'slots run 100 % of 10 in the last hour (5 skipped)',
    why: 'what was to be skipped is no gap',
  },
])('$expected: $why', ({ ends, expected }) => {
  expect(slotsWords(ends)).toBe(expected)
})
