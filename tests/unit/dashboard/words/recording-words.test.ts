import { expect, test } from 'vitest'
import { recordingSentence } from '../../../../src/dashboard/words/recording-words.ts'
import type { Recording } from '../../../../src/protocol/recording.ts'
import type { Run } from '../../../../src/protocol/run.ts'

const refused = { type: 'journey.step', message: 'HTTP 502' } as const
const failedRun = { verdict: 'failed', error: refused } as const
const MORE = 'The journey was run once more to record it'

test.each<{
  recording: Pick<Recording, 'verdict' | 'step' | 'durationMs' | 'error'>
  run: Pick<Run, 'verdict' | 'error'>
  sentence: string
}>([
  {
    recording: { verdict: 'failed', step: 'pay', durationMs: 2_100, error: refused },
    run: failedRun,
    sentence: `${MORE}, and failed again in step “pay” after 2.1 s, with the same error.`,
  },
  {
    recording: { verdict: 'failed', error: { type: 'timeout', message: 'not within 10 s' } },
    run: failedRun,
    sentence: `${MORE}, and failed again.`,
  },
  {
    recording: { verdict: 'failed', durationMs: 900, error: refused },
    run: { verdict: 'passed' },
    sentence: `${MORE}, and failed after 900 ms.`,
  },
  {
    recording: { verdict: 'passed', durationMs: 900 },
    run: failedRun,
    sentence: `${MORE}, and passed after 900 ms: the failure was not there a moment later, and the files do not show it.`,
  },
  {
    recording: { verdict: 'passed' },
    run: { verdict: 'passed' },
    sentence: `${MORE}, and passed.`,
  },
  {
    recording: { verdict: 'probe_fault' },
    run: failedRun,
    sentence: 'The journey was to be run once more to record it, but the probe could not do it.',
  },
])('$sentence', ({ recording, run, sentence }) => {
  expect(recordingSentence(recording, run)).toBe(sentence)
})
