import process from 'node:process'
import { createCoordinator } from '../../src/coordinator/coordinator.ts'
import { createLogger } from '../../src/runtime/logger.ts'
import { startTelemetry } from '../../src/runtime/telemetry.ts'
import { MOVED_LOOP_PACE, movableClock } from './movable-clock.ts'
import type { MovedOptions } from './moved-coordinator.ts'

/** A coordinator in a process of its own, whose wall clock goes as its parent says. */
const { now, secrets, ...options }: MovedOptions = JSON.parse(process.env.MOVED_COORDINATOR ?? '')
const clock = movableClock(now)
process.on('message', (instant: number) => {
  clock.set(instant)
  process.send?.({ moved: instant })
})
const coordinator = createCoordinator({
  ...options,
  dashboardFolder: 'no-dashboard-here',
  host: '127.0.0.1',
  port: 0,
  clock,
  logger: createLogger('coordinator', process.env.TEST_LOG_LEVEL ?? 'silent'),
  telemetry: startTelemetry({ 'service.name': 'firewatch-coordinator' }, {}),
  secret: (name) => secrets[name],
  loopPace: MOVED_LOOP_PACE,
})
process.send?.({ address: await coordinator.start() })
