import { expect, test } from 'vitest'
import { judgeRunEnd, overrunMessage } from '../../../../src/probe/journey/judge-run-end.ts'

const step = { name: 'pay', ms: 6_000 }
const exited = { kind: 'exited', code: null, signal: null, lastWords: '' } as const
const memory = (owner: 'page' | 'journey' | 'browser') =>
  ({ kind: 'excess', excess: { kind: 'memory', owner, bytes: 2e9, limitBytes: 1e9 } }) as const
const overrun = { kind: 'overrun', limitMs: 6_000 } as const

test.each([
  { why: 'no error', end: { kind: 'finished' }, type: undefined },
  {
    why: 'what the host reports',
    end: { kind: 'finished', error: { type: 'journey.step', message: 'no lamp' } },
    type: 'journey.step',
  },
  { why: 'left by itself', end: { ...exited, code: 0 }, type: 'journey.script' },
  { why: 'ended by a signal', end: { ...exited, signal: 'SIGSEGV' }, type: 'probe.host_crashed' },
  {
    why: 'out of memory, which ends in a signal too',
    end: {
      ...exited,
      signal: 'SIGABRT',
      lastWords:
        'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
    },
    type: 'probe.out_of_resources',
  },
  { why: 'a page took all memory', end: memory('page'), type: 'journey.page_crashed' },
  { why: 'its code took all memory', end: memory('journey'), type: 'probe.out_of_resources' },
  { why: 'Chromium took all memory', end: memory('browser'), type: 'probe.out_of_resources' },
  {
    why: 'too large files',
    end: { kind: 'excess', excess: { kind: 'disk', bytes: 2e9, limitBytes: 1e9 } },
    type: 'probe.out_of_resources',
  },
  {
    why: 'too many files',
    end: { kind: 'excess', excess: { kind: 'files', limit: 10 } },
    type: 'probe.out_of_resources',
  },
  { why: 'never loaded', end: { ...overrun, phase: 'loading' }, type: 'journey.script' },
  { why: 'no page came', end: { ...overrun, phase: 'preparing' }, type: 'probe.browser_crashed' },
  { why: 'blocked itself', end: { ...overrun, phase: 'running' }, type: 'journey.script' },
  {
    why: 'saw the deadline, then hung',
    end: { ...overrun, phase: 'wrapping_up' },
    type: 'timeout',
  },
  { why: 'the probe stops', end: { kind: 'interrupted' }, type: 'probe.interrupted' },
] as const)('$why: $type', ({ end, type }) => {
  expect(judgeRunEnd(end, step)?.type).toBe(type)
})

test.each([
  { open: step, says: 'step "pay" did not finish within 6 s' },
  {
    open: { name: 'pay', ms: 2_500 },
    says: `step "pay" did not finish: it had 2.5 s of the journey's 6 s`,
  },
  { open: undefined, says: 'the journey did not finish within 6 s' },
])('an overrun is said as: $says', ({ open, says }) => {
  expect(overrunMessage(open, 6_000)).toBe(says)
})
