import { performance } from 'node:perf_hooks'
import { expect, onTestFinished, test } from 'vitest'
import { watchQuality } from '../../../src/probe/quality.ts'
import { systemClock } from '../../../src/runtime/system-clock.ts'
import { until } from '../../support/until.ts'

function startWatching() {
  const quality = watchQuality(systemClock)
  onTestFinished(() => quality.stop())
  return quality
}

function standStill(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

const passed = (ms: number) => {
  const end = performance.now() + ms
  return until(`${ms} ms have passed`, () => performance.now() >= end)
}

test('a standstill in the middle of a run is seen, with about its length', async () => {
  const end = startWatching().begin()
  await passed(150)
  standStill(400)
  await passed(150)
  const { eventLoopLagMs, eventLoopUtilization } = end()
  expect(eventLoopLagMs).toBeGreaterThan(300)
  expect(eventLoopUtilization).toBeGreaterThan(0.3)
})

test('a standstill that lasts to the end of the run is seen as well', async () => {
  const end = startWatching().begin()
  await passed(150)
  standStill(400)
  expect(end().eventLoopLagMs).toBeGreaterThan(250)
})

test('a standstill before the run began is not the run’s', async () => {
  const quality = startWatching()
  await passed(150)
  standStill(1_000)
  await passed(300)
  const end = quality.begin()
  await passed(150)
  expect(end().eventLoopLagMs).toBeLessThan(700)
})

test('runs know how many others there were, and how far the clocks are apart', () => {
  const quality = startWatching()
  const [first, second] = [quality.begin(), quality.begin()]
  expect(second()).toMatchObject({ concurrentRuns: 1 })
  quality.setClockOffset(-42)
  expect(first()).toMatchObject({ clockOffsetMs: -42 })
  expect(quality.begin()()).toMatchObject({ concurrentRuns: 0 })
})

test('a standstill of a few milliseconds is seen, to the precision of a sample', async () => {
  const end = startWatching().begin()
  await passed(60)
  standStill(12)
  expect(end().eventLoopLagMs).toBeGreaterThan(7)
})

test('a run that is timed elsewhere is watched less often, and changes nothing for one that is not', async () => {
  const quality = startWatching()
  const elsewhere = quality.begin(false)
  const here = quality.begin()
  await passed(60)
  standStill(12)
  expect(here().eventLoopLagMs).toBeGreaterThan(7)
  await passed(60)
  standStill(200)
  await passed(60)
  expect(elsewhere().eventLoopLagMs).toBeGreaterThan(150)
})

test.runIf(process.platform === 'linux')('waiting for a processor is counted', async () => {
  const quality = startWatching()
  const end = quality.begin()
  await passed(60)
  expect(end().cpuWaitMs).toBeGreaterThanOrEqual(0)
})

test('the load is that of the time since it was asked last', async () => {
  const quality = startWatching()
  const load = quality.watchLoad()
  const end = quality.begin()
  standStill(200)
  await passed(20)
  expect(load().lagMs).toBeGreaterThan(100)
  await passed(100)
  expect(load().lagMs).toBeLessThan(100)
  end()
})
