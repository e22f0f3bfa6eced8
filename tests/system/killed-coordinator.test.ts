import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { createProbeMetrics } from '../../src/probe/probe-metrics.ts'
import { createCoordinatorClient } from '../../src/probe/uplink/coordinator-client.ts'
import { startSendingRuns } from '../../src/probe/uplink/send-runs.ts'
import { listRuns, urlFor } from '../../src/protocol/public-api.ts'
import { createLifecycle } from '../../src/runtime/lifecycle.ts'
import { createLogger } from '../../src/runtime/logger.ts'
import { systemClock } from '../../src/runtime/system-clock.ts'
import { aRun } from '../support/builders.ts'
import { type CoordinatorProcess, coordinatorProcess } from '../support/coordinator-process.ts'
import { DATABASES } from '../support/databases.ts'
import { longOrShort } from '../support/long-or-short.ts'
import { openSpool } from '../support/spool.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { until } from '../support/until.ts'

const KILLS = longOrShort({ long: 25, short: 3 })
const RUNS_PER_LIFE = 120
/** A life is cut at a random moment of its stream. */
const LIFE_MS_MAX = 700
/** Most of it is starting the coordinator. */
const TEST_MS = 300_000

test.each(DATABASES)(
  'on %s, kill -9 of the coordinator while runs stream in: each recorded run arrives exactly once',
  async (database) => {
    const coordinator = await coordinatorProcess(database)
    await coordinator.start()
    const { recordRuns, untilSent } = await startStream(coordinator)

    const recorded: string[] = []
    for (let kill = 1; kill <= KILLS; kill++) {
      const streaming = recordRuns(RUNS_PER_LIFE)
      await pause(Math.random() * LIFE_MS_MAX)
      await coordinator.kill()
      recorded.push(...(await streaming))
      await coordinator.start()
    }
    await untilSent()

    const arrived = await allRunIds(coordinator.url)
    expect(recorded).toHaveLength(KILLS * RUNS_PER_LIFE)
    expect(arrived).toHaveLength(recorded.length)
    expect(new Set(arrived)).toEqual(new Set(recorded))
    console.info(
      `${database}: ${KILLS} kills, ${recorded.length} runs recorded, ${arrived.length} arrived once`,
    )
    await coordinator.kill()
  },
  TEST_MS,
)

/** A probe's spool and uplink, real, without checks: what is recorded is known exactly. */
async function startStream(coordinator: CoordinatorProcess) {
  const logger = createLogger('test', 'silent')
  const lifecycle = createLifecycle(logger)
  onTestFinished(() => lifecycle.stop())
  let sender: { wake(): void } | undefined
  const spool = await openSpool(await tempFolder(), { onWork: () => sender?.wake() })
  lifecycle.onStop('spool', () => spool.close())
  const regionId = 'eu-west'
  const client = createCoordinatorClient({
    url: coordinator.url,
    token: () => coordinator.token,
    probeId: 'eu-west-1',
    regionId,
    clock: systemClock,
  })
  lifecycle.onStop('client', () => client.close())
  const metrics = createProbeMetrics({
    clock: systemClock,
    regionId,
    spool: () => spool.counts,
    capacity: () => ({ limit: 50, isUnderProvisioned: false }),
  })
  // Backs off as little as it may, so that many lives fit into the test.
  sender = startSendingRuns({ spool, client, lifecycle, logger, metrics, random: () => 0 })

  let slotAt = systemClock.now() - 3_600_000
  return {
    async recordRuns(count: number): Promise<string[]> {
      const ids: string[] = []
      for (let i = 0; i < count; i++) {
        slotAt += 1_000
        const run = aRun({ runId: randomUUID(), regionId, slotAt, startedAt: slotAt })
        expect(await spool.record(run)).toBe('disk')
        ids.push(run.runId)
      }
      return ids
    },
    untilSent: () =>
      until('everything is sent', () => spool.counts.runs === 0, { withinMs: 30_000 }),
  }
}

async function allRunIds(url: string): Promise<string[]> {
  const ids: string[] = []
  let cursor: string | undefined
  do {
    const response = await fetch(url + urlFor(listRuns, {}, { limit: 200, cursor }))
    const page = listRuns.response.parse(await response.json())
    ids.push(...page.data.map((run) => run.runId))
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  return ids
}
