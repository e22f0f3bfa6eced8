import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createPacedTask } from '../../../../src/dashboard/live/paced-task.ts'

beforeEach(
  () =>
    void vi.useFakeTimers({
      now: 0,
      toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'],
    }),
)
afterEach(() => void vi.useRealTimers())

function aTask() {
  const ranAt: number[] = []
  const clock = { now: () => Date.now(), monotonic: () => Date.now() }
  return { ranAt, task: createPacedTask(() => void ranAt.push(Date.now()), clock) }
}

test('the first ask runs at once; asks within the gap become one run at its end', () => {
  const { task, ranAt } = aTask()
  task.ask(1_000)
  vi.advanceTimersByTime(0)
  for (let i = 0; i < 50; i++) {
    task.ask(1_000)
    vi.advanceTimersByTime(10)
  }
  vi.advanceTimersByTime(5_000)
  expect(ranAt).toEqual([0, 1_000])
})

test('who is in more of a hurry goes first, and the patient one is served with it', () => {
  const { task, ranAt } = aTask()
  task.ask(1_000)
  vi.advanceTimersByTime(0)
  task.ask(10_000)
  task.ask(1_000)
  vi.advanceTimersByTime(20_000)
  expect(ranAt).toEqual([0, 1_000])
})

test('asking for ever still runs it: later asks never push it back', () => {
  const { task, ranAt } = aTask()
  for (let i = 0; i <= 100; i++) {
    task.ask(1_000)
    vi.advanceTimersByTime(100)
  }
  expect(ranAt).toEqual([0, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 7_000, 8_000, 9_000, 10_000])
})

test('what is cancelled does not run', () => {
  const { task, ranAt } = aTask()
  task.ask(1_000)
  task.cancel()
  vi.advanceTimersByTime(5_000)
  expect(ranAt).toEqual([])
})
