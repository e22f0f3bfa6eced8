import { expect, test } from 'vitest'
import { createLifecycle } from '../../../src/runtime/lifecycle.ts'
import { createLogger } from '../../../src/runtime/logger.ts'
import { startLoop } from '../../../src/runtime/loop.ts'
import { until } from '../../support/until.ts'

const logger = createLogger('test', 'silent')

test('parts stop in reverse order, once, and one that throws does not keep the others', async () => {
  const lifecycle = createLifecycle(logger)
  const stopped: string[] = []
  lifecycle.onStop('first', () => stopped.push('first'))
  lifecycle.onStop('broken', () => {
    throw new Error('stuck')
  })
  lifecycle.onStop('last', async () => stopped.push('last'))

  await Promise.all([lifecycle.stop(), lifecycle.stop()])
  expect(stopped).toEqual(['last', 'first'])
  expect(lifecycle.signal.aborted).toBe(true)
})

test('a part that is made after the stop is stopped at once', async () => {
  const lifecycle = createLifecycle(logger)
  await lifecycle.stop()
  const stopped: string[] = []
  lifecycle.onStop('late', () => stopped.push('late'))
  expect(stopped).toEqual(['late'])
})

test('a part that hangs is left behind after its time', async () => {
  const lifecycle = createLifecycle(logger)
  const stopped: string[] = []
  lifecycle.onStop('first', () => stopped.push('first'))
  lifecycle.onStop('hanging', () => new Promise(() => undefined))
  await lifecycle.stop()
  expect(stopped).toEqual(['first'])
})

test('a loop goes on after a pass that failed, runs at once when woken, and ends with the lifecycle', async () => {
  const lifecycle = createLifecycle(logger)
  let passes = 0
  const loop = startLoop(
    {
      name: 'test',
      everyMs: 3_600_000,
      deadlineMs: 1_000,
      async run() {
        passes += 1
        if (passes === 1) throw new Error('not this time')
      },
    },
    {},
    { lifecycle, logger },
  )
  await until('the first pass is over', () => passes === 1)
  loop.wake()
  await until('it was woken', () => passes === 2)
  await lifecycle.stop()
  loop.wake()
  expect(passes).toBe(2)
})

test('waking a loop during a pass makes another pass right after it', async () => {
  const lifecycle = createLifecycle(logger)
  let passes = 0
  const { promise: gate, resolve: open } = Promise.withResolvers<void>()
  const loop = startLoop(
    {
      name: 'test',
      everyMs: 3_600_000,
      deadlineMs: 1_000,
      async run() {
        passes += 1
        if (passes === 1) await gate
      },
    },
    {},
    { lifecycle, logger },
  )
  await until('the first pass is under way', () => passes === 1)
  loop.wake()
  open()
  await until('the second follows', () => passes === 2)
  await lifecycle.stop()
})
