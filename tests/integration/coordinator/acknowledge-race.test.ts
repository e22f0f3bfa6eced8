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
const MINUTE_MS = 60_000
/** Of the event loop; longer than a pass takes, most of which PostgreSQL spends elsewhere. */
const TURNS_MAX: Record<Database, number> = { sqlite: 1_000, postgres: 20_000 }

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
      onCall: anOnCall({
        'first-responder': [aPhone('first', phoneUrl)],
        'second-responder': [aPhone('second', phoneUrl)],
      }),
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

const yieldTimes = async (times: number): Promise<void> => {
  for (let turn = 0; turn < times; turn++) await new Promise((resolve) => setImmediate(resolve))
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
    let after = 0
    let escalated = 0
    for (let race = 0; race < RACES; race++) {
      const { incident } = await declareNew(
        parts,
        { by: 'reporter', now: clock.now() },
        { serviceId: 'storefront', title: 'Nobody can pay', severity: 'SEV-1', reason: 'calls' },
      )
      await pass()
      clock.advance(5 * MINUTE_MS)

      // The second step is due. Either begins first, and the other at any moment of it.
      const turns = Math.floor(Math.random() ** 3 * TURNS_MAX[database])
      const isStepFirst = race % 2 === 0
      const stepping = yieldTimes(isStepFirst ? 0 : turns).then(pass)
      await yieldTimes(isStepFirst ? turns : 0)
      await acknowledgeAs(parts, { incidentId: incident.id, generation: 1, by: 'first-responder' })
      const begun = await pagesBegun(parts, incident.id)
      await stepping
      // Whatever was still to come would come now.
      await pass()
      clock.advance(5 * MINUTE_MS)
      await pass()
      after += (await pagesBegun(parts, incident.id)) - begun
      if (begun === 2) escalated++
    }
    console.info(
      `${database}: ${RACES} races, the step came first in ${escalated}; pages after acknowledgement ${after}`,
    )
    expect(after).toBe(0)
  },
  longOrShort({ long: 3_600_000, short: 60_000 }),
)

/** Attempts to page somebody that have begun; what is told about the acknowledgement is none. */
async function pagesBegun(parts: CoordinatorParts, incidentId: string): Promise<number> {
  const deliveries = await deliveriesOf(parts.store, incidentId)
  return deliveries
    .filter(({ eventType }) => eventType === 'page')
    .reduce((sum, { attempts }) => sum + attempts, 0)
}
