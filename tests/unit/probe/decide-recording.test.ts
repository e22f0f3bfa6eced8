import { expect, test } from 'vitest'
import {
  decideRecording,
  RECORDING_EVERY_MS,
  type RecordingQuestion,
} from '../../../src/probe/decide-recording.ts'
import type { Evidence } from '../../../src/protocol/kinds/journey.ts'
import { aCheck } from '../../support/builders.ts'

const journey = (recording: Evidence['recording']) =>
  aCheck('journey', { evidence: { screenshots: 'on-failure', recording, paintOver: [] } })

const failed: RecordingQuestion = {
  check: journey('on-failure'),
  verdict: 'failed',
  errorType: 'journey.step',
  now: RECORDING_EVERY_MS,
  lastAt: undefined,
  isBusy: false,
}
const passed = { verdict: 'passed', errorType: undefined } as const
const ours = { verdict: 'probe_fault', errorType: 'probe.browser_crashed' } as const

test.each<[why: string, given: Partial<RecordingQuestion>, because: string | undefined]>([
  ['a failure', {}, undefined],
  ['a pass', passed, 'not wanted'],
  ['a pass of one that is always recorded', { ...passed, check: journey('always') }, undefined],
  ['a failure of one that never is', { check: journey('never') }, 'not wanted'],
  ['a fault of the probe', ours, 'not wanted'],
  ['a fault of the probe, always', { ...ours, check: journey('always') }, 'not wanted'],
  ['a check without a browser', { check: aCheck('http') }, 'not wanted'],
  ['a moment after the last one', { lastAt: 1 }, 'recorded a moment ago'],
  ['long after the last one', { lastAt: 0 }, undefined],
  ['a moment after, always', { lastAt: 1, check: journey('always') }, undefined],
  ['beside another recording', { isBusy: true }, 'another recording'],
  [
    'a request that must never be made',
    { errorType: 'journey.forbidden_request' },
    'forbidden request',
  ],
])('%s', (_why, given, because) => {
  const decision = decideRecording({ ...failed, ...given })
  expect(decision.isRecorded ? undefined : decision.because).toBe(because)
})
