import { expect, test } from 'vitest'
import type { ReportedError } from '../../../../src/probe/journey/messages.ts'
import {
  createTestRecorder,
  type ReportedResult,
  type ReportedStep,
  type ReportedTest,
} from '../../../../src/probe/journey/test-file/record-tests.ts'
import type { Step } from '../../../../src/protocol/run.ts'

/** What Playwright reports, in milliseconds after the run's first event, played to a recorder. */
function play(tests: PlayedTest[], { until = Infinity }: { until?: number } = {}) {
  const steps: Step[] = []
  const open = new Set<number>()
  let now = 0
  const recorder = createTestRecorder({
    report: {
      step(index, step, { isOpen }) {
        steps[index] = step
        if (isOpen) open.add(index)
        else open.delete(index)
      },
      log: () => undefined,
    },
    testCount: tests.length,
    now: () => now,
    describe: ({ message = '' }) => message,
  })
  for (const { from, to, status, errors, ...test } of tests) {
    if (from > until) break
    now = from
    recorder.testBegan(test)
    playSteps(test, test.steps, undefined)
    if (to > until) break
    now = to
    const duration = to - from
    recorder.testEnded(test, { status, errors, startTime: new Date(from), duration })
  }
  now = Math.min(until, now)

  function playSteps(of: ReportedTest, played: PlayedStep[], parent: ReportedStep | undefined) {
    for (const { from, to, steps: inner, ...rest } of played) {
      if (from > until) return
      const step: ReportedStep = { ...rest, startTime: new Date(from), duration: -1, parent }
      recorder.stepBegan(of, step)
      playSteps(of, inner, step)
      if (to > until) continue
      step.duration = to - from
      recorder.stepEnded(of, step)
    }
  }

  if (until < Infinity) now = until
  return { steps, open, recorder }
}

type PlayedStep = Omit<ReportedStep, 'startTime' | 'duration' | 'parent'> & {
  from: number
  to: number
  steps: PlayedStep[]
}

type PlayedTest = ReportedTest &
  Pick<ReportedResult, 'status' | 'errors'> & { from: number; to: number; steps: PlayedStep[] }

const place = { file: '/probes/shop/cart.spec.ts', line: 3, column: 5 }

const played =
  (category: string) =>
  (title: string, from: number, to: number, options: Partial<PlayedStep> = {}): PlayedStep => ({
    category,
    title,
    from,
    to,
    steps: [],
    annotations: [],
    ...options,
  })

const step = played('test.step')
const action = played('pw:api')
const hook = played('hook')
const fixture = played('fixture')

function aTest(name: string, from: number, to: number, options: Partial<PlayedTest> = {}) {
  return {
    id: name,
    titles: [name],
    expectedStatus: 'passed' as const,
    annotations: [],
    status: 'passed' as const,
    errors: [],
    steps: [],
    from,
    to,
    ...options,
  }
}

const shown = (steps: Step[]) =>
  steps.map(({ name, status, startMs, ms, parent }) => ({
    name,
    status,
    startMs,
    ms,
    ...(parent !== undefined && { parent }),
  }))

test('tests are outermost steps, their steps lie inside, actions and hooks are none', () => {
  const { steps, recorder } = play([
    aTest('add', 1_000, 1_100, {
      titles: ['cart', 'add'],
      steps: [
        hook('Before Hooks', 1_000, 1_010),
        step('open', 1_010, 1_060, {
          steps: [action('Click', 1_020, 1_030), step('look', 1_030, 1_050)],
        }),
        hook('After Hooks', 1_060, 1_100),
      ],
    }),
    aTest('pay', 5_000, 5_040, { steps: [hook('Before Hooks', 5_010, 5_040)] }),
  ])

  expect(shown(steps)).toEqual([
    { name: 'cart › add', status: 'passed', startMs: 0, ms: 100 },
    { name: 'open', status: 'passed', startMs: 10, ms: 50, parent: 0 },
    { name: 'look', status: 'passed', startMs: 30, ms: 20, parent: 1 },
    // Neither the time between the tests nor the worker's start is in it.
    { name: 'pay', status: 'passed', startMs: 100, ms: 30 },
  ])
  expect(recorder.failures()).toEqual([])
})

test('browsers, contexts and pages that Playwright makes take none of the time; fixtures of the file do', () => {
  const { steps } = play([
    aTest('add', 0, 1_000, {
      steps: [
        fixture('Fixture "browser"', 0, 400),
        fixture('Fixture "page"', 400, 500),
        fixture('Fixture "page"', 500, 600, { location: place }),
        fixture('Fixture "shop"', 600, 650),
        action('Click', 650, 700),
        hook('Worker Cleanup', 700, 900, { steps: [fixture('Fixture "browser"', 710, 890)] }),
      ],
    }),
    aTest('pay', 0, 0),
  ])

  expect(steps[0]).toMatchObject({ startMs: 0, ms: 200, grossMs: 900 })
})

test('of a single test the steps are outermost, and the test itself only where it has none', () => {
  const withSteps = play([
    aTest('add', 0, 100, {
      steps: [step('open', 0, 40, { steps: [step('look', 10, 20)] }), step('close', 40, 50)],
    }),
  ])
  expect(shown(withSteps.steps)).toEqual([
    { name: 'open', status: 'passed', startMs: 0, ms: 40 },
    { name: 'look', status: 'passed', startMs: 10, ms: 10, parent: 0 },
    { name: 'close', status: 'passed', startMs: 40, ms: 10 },
  ])
  const without = play([aTest('add', 0, 100, { steps: [action('Click', 0, 100)] })])
  expect(shown(without.steps)).toEqual([{ name: 'add', status: 'passed', startMs: 0, ms: 100 }])
})

test.each<{
  why: string
  test: Partial<PlayedTest>
  step: Partial<Step>
  failure?: ReportedError
}>([
  {
    why: 'an error fails the test',
    test: { status: 'failed', errors: [{ message: 'no lamp' }] },
    step: { status: 'failed', error: 'no lamp' },
    failure: { type: 'journey.step', message: 'test "add": no lamp' },
  },
  {
    why: 'soft errors are all told',
    test: { status: 'failed', errors: [{ message: 'no lamp' }, { message: 'no desk' }] },
    step: { status: 'failed', error: 'no lamp\nno desk' },
    failure: { type: 'journey.step', message: 'test "add": no lamp\nno desk' },
  },
  {
    why: "Playwright's own limit is a timeout",
    test: { status: 'timedOut', errors: [{ message: 'Test timeout of 5ms exceeded.' }] },
    step: { status: 'failed' },
    failure: { type: 'timeout', message: 'test "add": Test timeout of 5ms exceeded.' },
  },
  {
    why: 'what no page can cause is a mistake in the file',
    test: { status: 'failed', errors: [{ message: 'TypeError: lamp is not a function' }] },
    step: { status: 'failed' },
    failure: { type: 'journey.script', message: 'test "add": TypeError: lamp is not a function' },
  },
  {
    why: 'a skipped test says why',
    test: { status: 'skipped', annotations: [{ type: 'skip', description: 'no stock' }] },
    step: { status: 'skipped', reason: 'no stock' },
  },
  {
    why: 'a test that should fail and does is fine',
    test: { status: 'failed', expectedStatus: 'failed', errors: [{ message: 'no lamp' }] },
    step: { status: 'passed', reason: 'it failed, as it says by test.fail()' },
  },
  {
    why: 'a test that should fail and does not is not',
    test: { status: 'passed', expectedStatus: 'failed' },
    step: { status: 'failed', error: 'it passed, but says by test.fail() that it fails' },
    failure: {
      type: 'journey.step',
      message: 'test "add": it passed, but says by test.fail() that it fails',
    },
  },
])('$why', ({ test: told, step: expected, failure }) => {
  const { steps, recorder } = play([aTest('add', 0, 10, told), aTest('pay', 20, 30)])

  expect(steps[0]).toMatchObject(expected)
  expect(recorder.failures()).toEqual(failure ? [failure] : [])
})

test('what is under way is the innermost step and the action in it', () => {
  const { recorder, steps, open } = play(
    [
      aTest('add', 0, 900, {
        steps: [
          step('open', 100, 800, {
            steps: [action('Navigate', 100, 200), action('Click', 300, 700, { location: place })],
          }),
        ],
      }),
    ],
    { until: 500 },
  )

  expect(recorder.underWay()).toEqual({
    step: { name: 'open', ms: 400 },
    action: 'Click at shop/cart.spec.ts:3:5',
  })
  recorder.endAll('too late')
  expect(open.size).toBe(0)
  expect(steps[0]).toMatchObject({ name: 'open', status: 'failed', error: 'too late', ms: 400 })
})

test('an instant is told the step that it lies in', () => {
  const { recorder } = play([
    aTest('add', 0, 100, { steps: [step('open', 10, 40), hook('After Hooks', 90, 100)] }),
    aTest('pay', 200, 300, { steps: [step('card', 210, 240)] }),
  ])

  expect([20, 60, 220, 150].map((instant) => recorder.stepAt(instant))).toEqual([
    'open',
    'add',
    'card',
    undefined,
  ])
})
