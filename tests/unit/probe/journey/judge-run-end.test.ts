import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { judgeRunEnd, overrunMessage } from '../../../../src/probe/journey/judge-run-end.ts'

const step = { name: 'pay', ms: 6_000 }
const exited = { kind: 'exited', code: null, signal: null, lastWords: '' } as const
const memory = (owner: 'page' | 'journey' | 'browser') =>
  ({ kind: 'excess', excess: { kind: 'memory', owner, bytes: 2e9, limitBytes: 1e9 } }) as const
const overrun = { kind: 'overrun', limitMs: 6_000 } as const

const ENDS = [
  { what: 'its code calls `process.exit()`', type: 'journey.script', end: { ...exited, code: 0 } },
  {
    what: 'its process ends by a signal',
    type: 'probe.host_crashed',
    end: { ...exited, signal: 'SIGSEGV' },
  },
  {
    what: 'the heap of its code is full',
    type: 'probe.out_of_resources',
    end: {
      ...exited,
      signal: 'SIGABRT',
      lastWords:
        'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
    },
  },
  { what: 'a page takes too much memory', type: 'journey.page_crashed', end: memory('page') },
  {
    what: 'the browser takes too much memory for a page',
    type: 'journey.page_crashed',
    end: memory('browser'),
  },
  {
    what: 'its code, or what it started, takes too much memory',
    type: 'probe.out_of_resources',
    end: memory('journey'),
  },
  {
    what: 'too large temporary files',
    type: 'probe.out_of_resources',
    end: { kind: 'excess', excess: { kind: 'disk', bytes: 2e9, limitBytes: 1e9 } },
  },
  {
    what: 'too many temporary files',
    type: 'probe.out_of_resources',
    end: { kind: 'excess', excess: { kind: 'files', limit: 10 } },
  },
  {
    what: 'its file does not finish loading',
    type: 'journey.script',
    end: { ...overrun, phase: 'loading' },
  },
  {
    what: 'the browser opens no page',
    type: 'probe.browser_crashed',
    end: { ...overrun, phase: 'preparing' },
  },
  {
    what: 'the deadline passes, and its code blocks its process',
    type: 'journey.script',
    end: { ...overrun, phase: 'running' },
  },
  {
    what: 'it is over, and its code blocks its process',
    type: 'journey.script',
    end: { ...overrun, phase: 'ended' },
  },
  {
    what: 'the deadline passes, and nothing can be ended in time',
    type: 'timeout',
    end: { ...overrun, phase: 'wrapping_up' },
  },
  {
    what: 'the deadline passes, and the browser was stopped by a signal',
    type: 'probe.browser_crashed',
    end: { kind: 'stopped', who: 'browser' },
  },
  {
    what: 'the deadline passes, and its process was stopped by a signal',
    type: 'probe.host_crashed',
    end: { kind: 'stopped', who: 'host' },
  },
  { what: 'the probe stops', type: 'probe.interrupted', end: { kind: 'interrupted' } },
] as const

test.each(ENDS)('$what: $type', ({ end, type }) => {
  expect(judgeRunEnd(end, step)?.type).toBe(type)
})

test('what the host reports is taken over', () => {
  expect(judgeRunEnd({ kind: 'finished' })).toBeUndefined()
  const error = { type: 'journey.step', message: 'no lamp' } as const
  expect(judgeRunEnd({ kind: 'finished', error })).toMatchObject(error)
})

test('the table of the README says the same, and whose fault it is', () => {
  const readme = readFileSync(new URL('../../../../src/probe/README.md', import.meta.url), 'utf8')
  for (const { what, type } of ENDS) {
    const isOurs = type.startsWith('probe.')
    const row = readme.split('\n').find((line) => line.startsWith(`| ${what} |`))
    expect(row, what).toMatch(
      isOurs ? / the probe \| `probe_fault` / : / the (target|journey) \| `failed` /,
    )
    expect(row).toContain(`\`${type}\``)
  }
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

test('what the kernel ended because of the limit has no measured use', () => {
  const excess = { kind: 'memory', owner: 'page', limitBytes: 600 * 1024 ** 2 } as const
  expect(judgeRunEnd({ kind: 'excess', excess }, step)?.message).toBe(
    'the page took too much memory in step "pay": it wanted more than the 600 MiB that FIREWATCH_MEMORY_BYTES_MAX allows, and was ended by the system',
  )
})
