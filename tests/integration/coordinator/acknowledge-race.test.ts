import { expect, onTestFinished, test } from 'vitest'
import { acknowledgeAs } from '../../../src/coordinator/acknowledge.ts'
import { declareNew } from '../../../src/coordinator/command-desk.ts'
import { createCoordinatorMetrics } from '../../../src/coordinator/coordinator-metrics.ts'
import type { CoordinatorParts } from '../../../src/coordinator/coordinator-parts.ts'
import { createLinks } from '../../../src/coordinator/links.ts'
import { createLiveFeed } from '../../../src/coordinator/live-feed.ts'
import { deliverNotifications } from '../../../src/coordinator/loops/deliver-notifications.ts'
import { escalate } from '../../../src/coordinator/loops/escalate.ts'
import { deliveriesOf } from '../../../src/coordinator/store/outbox.ts'
import { openStore } from '../../../src/coordinator/store/store.ts'
import type { OnCall } from '../../../src/protocol/on-call.ts'
import { createHttpClient } from '../../../src/runtime/http-client.ts'
import { createLogger } from '../../../src/runtime/logger.ts'
import { at } from '../../support/builders.ts'
import { aFleet } from '../../support/coordinator.ts'
import { DATABASES, type Database, freshDatabase } from '../../support/databases.ts'
import { longOrShort } from '../../support/long-or-short.ts'
import { startNtfy } from '../../support/message-services.ts'
import { movableClock } from '../../support/movable-clock.ts'
import { anOnCall, aPhone } from '../../support/on-call.ts'

const RACES = longOrShort({ long: 10_000, short: 40 })
/** Each of an incident of a service of its own, so that they wait for each other only where two coordinators would. */
const AT_ONCE = 8
const SERVICES = Array.from({ length: AT_ONCE }, (_, at) => `shop-${at + 1}`)
const MINUTE_MS = 60_000
/** So long that no race meets those before it again. */
const ACKNOWLEDGED_MS = 10 * 365 * 24 * 60 * MINUTE_MS
/** Neither order may be so rare that it is hardly tried; few races may be uneven by chance. */
const SHARE_MIN = longOrShort({ long: 0.3, short: 0.05 })

/** What escalating, delivering and commanding need, without the loops: the test calls them itself. */
async function racingParts(database: Database, phoneUrl: string) {
  const logger = createLogger('coordinator', 'silent')
  const store = await openStore(await freshDatabase(database), logger)
  onTestFinished(() => store.close())
  const http = createHttpClient()
  onTestFinished(() => http.close())
  const clock = movableClock(at('2026-03-13T12:00:00Z'))
  const wake = () => undefined
  const parts = {
    store,
    clock,
    http,
    logger,
    fleet: aFleet({
      services: SERVICES.map((id) => ({ id, name: id, tier: 'core', owner: undefined })),
      onCall: onCallOf(phoneUrl),
    }),
    random: () => 0.5,
    feed: createLiveFeed(),
    metrics: createCoordinatorMetrics(),
    links: createLinks({ key: Buffer.alloc(32), base: () => 'http://firewatch.test' }),
    secret: () => undefined,
    wake: { evaluateAlerts: wake, readInbox: wake, deliver: wake, runSweeps: wake },
  } as Partial<CoordinatorParts> as CoordinatorParts
  return { parts, clock }
}

function onCallOf(phoneUrl: string): OnCall {
  const onCall = anOnCall({
    'first-responder': [aPhone('first', phoneUrl)],
    'second-responder': [aPhone('second', phoneUrl)],
  })
  return {
    ...onCall,
    teams: onCall.teams.map((team) => ({ ...team, services: SERVICES })),
    ladders: {
      ...onCall.ladders,
      'SEV-1': { ...onCall.ladders['SEV-1'], acknowledgementLastsMs: ACKNOWLEDGED_MS },
    },
  }
}

/** Waits for whole turns of the event loop, so that everything else goes on as it does by itself. */
async function yieldFor(ms: number): Promise<void> {
  const end = performance.now() + ms
  do await new Promise((resolve) => setImmediate(resolve))
  while (performance.now() < end)
}

/**
 * When people acknowledge, and when the pass begins that takes the step: each at a moment of a window that is
 * a few passes long. Where in it the pass begins follows what comes of it, so that either is first about as
 * often, however fast machine and database are.
 */
function raceWindow(passMs: number) {
  const windowMs = 2.5 * passMs
  let passAt = 0.4
  return {
    passAfterMs: () => passAt * windowMs,
    acknowledgeAfterMs: () => Math.random() * windowMs,
    learn(shareOfStepsFirst: number) {
      passAt = Math.min(1, Math.max(0, passAt + (shareOfStepsFirst - 0.5) / 10))
    },
  }
}

test.each(DATABASES)(
  'on %s, an acknowledgement that races the next step: nothing is sent once it is stored',
  async (database) => {
    const phones = await startNtfy()
    const { parts, clock } = await racingParts(database, phones.url)
    const signal = new AbortController().signal
    const pass = async () => {
      await escalate.run(parts, signal)
      await deliverNotifications.run(parts, signal)
    }
    const declare = async (serviceId: string) => {
      const { incident } = await declareNew(
        parts,
        { by: 'reporter', now: clock.now() },
        { serviceId, title: 'Nobody can pay', severity: 'SEV-1', reason: 'calls' },
      )
      return incident.id
    }
    /** Acknowledges at a moment of its own; how many pages had begun when that was stored. */
    const acknowledge = async (incidentId: string, afterMs: number) => {
      await yieldFor(afterMs)
      await acknowledgeAs(parts, { incidentId, generation: 1, by: 'first-responder' })
      return pagesBegun(parts, incidentId)
    }
    let window: ReturnType<typeof raceWindow> | undefined
    const startedAt = performance.now()
    let [races, after, escalated] = [0, 0, 0]
    while (races < RACES) {
      const incidents = await Promise.all(SERVICES.map(declare))
      const passedAt = performance.now()
      await pass()
      window ??= raceWindow(performance.now() - passedAt)
      clock.advance(5 * MINUTE_MS)

      // The second step of each is due.
      const stepping = yieldFor(window.passAfterMs()).then(pass)
      const moments = incidents.map(window.acknowledgeAfterMs)
      const begun = await Promise.all(
        incidents.map((id, index) => acknowledge(id, moments[index] ?? 0)),
      )
      await stepping
      // Whatever was still to come would come now.
      await pass()
      clock.advance(5 * MINUTE_MS)
      await pass()
      const ended = await Promise.all(incidents.map((id) => pagesBegun(parts, id)))

      const first = begun.filter((count) => count === 2).length
      window.learn(first / AT_ONCE)
      races += AT_ONCE
      escalated += first
      after += sum(ended) - sum(begun)
    }
    const seconds = (performance.now() - startedAt) / 1_000
    console.info(
      `${database}: ${races} races in ${seconds.toFixed(0)} s; the step came first in ${escalated} ` +
        `(${percent(escalated / races)}), the acknowledgement in ${races - escalated} ` +
        `(${percent(1 - escalated / races)}); pages after acknowledgement ${after}`,
    )
    expect(after).toBe(0)
    expect(escalated / races).toBeGreaterThan(SHARE_MIN)
    expect(escalated / races).toBeLessThan(1 - SHARE_MIN)
  },
  longOrShort({ long: 3_600_000, short: 60_000 }),
)

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0)
const percent = (share: number) => `${(share * 100).toFixed(0)} %`

/** Attempts to page somebody that have begun; what is told about the acknowledgement is none. */
async function pagesBegun(parts: CoordinatorParts, incidentId: string): Promise<number> {
  const deliveries = await deliveriesOf(parts.store, incidentId)
  return deliveries
    .filter(({ eventType }) => eventType === 'page')
    .reduce((sum, { attempts }) => sum + attempts, 0)
}
