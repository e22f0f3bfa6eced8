import { createServer } from 'node:http'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { getNow, listRuns, type RunSummary } from '../../src/protocol/public-api.ts'
import { dueSlots } from '../../src/protocol/schedule.ts'
import { systemClock } from '../../src/runtime/system-clock.ts'
import { aCheck } from '../support/builders.ts'
import { type RunningCommand, startFirewatch } from '../support/command.ts'
import {
  aFleet,
  PROBE_TOKEN,
  startCoordinator,
  type TestCoordinator,
} from '../support/coordinator.ts'
import { listenOnLoopback } from '../support/listen.ts'
import { longOrShort } from '../support/long-or-short.ts'
import { journalOf, openSpool, unsentRuns } from '../support/spool.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { until } from '../support/until.ts'

const KILLS = longOrShort({ long: 50, short: 10 })
const REGION = 'eu-west'
/** After the probe has begun to measure: long enough for a few slots, short enough for many lives. */
const LIFE_MS_MAX = 400
const CHECKS = 5
/** Slots of a check that the ledger is looked through for; quick kills are over before there are so many. */
const SLOTS_MIN = 10
/** Most of it is starting the probe fifty times. */
const TEST_MS = 300_000
/** An address at which nobody listens. */
const NOBODY = 'http://127.0.0.1:9'

test(
  `kill -9 of a probe at ${KILLS} random moments: its spool opens each time, nothing recorded is lost, interrupted slots are accounted for`,
  async () => {
    const target = await startTarget()
    const checks = Array.from({ length: CHECKS }, (_, i) =>
      aCheck('http', {
        id: `check-${i}`,
        url: target.url,
        regions: [REGION],
        schedule: { kind: 'interval', everyMs: 1_000 },
        timeoutMs: 900,
      }),
    )
    const fleet = aFleet({
      checks,
      regions: [{ id: REGION, name: REGION }],
      silentAfterMs: 600_000,
    })
    const coordinator = await startCoordinator({ database: 'sqlite', clock: systemClock, fleet })
    const folder = await tempFolder()
    const startedAt = systemClock.now()

    const recorded = new Set<string>()
    const interrupted = new Set<string>()
    for (let kill = 1; kill <= KILLS; kill++) {
      // In most lives the coordinator is away, so that what is recorded stays on the disk.
      const place = { folder, url: kill % 5 === 1 ? coordinator.address : NOBODY }
      // Few random moments hit a run between its written begin and its end, so one is sought out.
      const middle = kill === KILLS ? await dieInTheMiddle(place, target) : undefined
      if (!middle) await liveAndDie(place, target)
      // What lies on the disk now is all that the probe will know at its next start.
      const spool = await openSpool(join(folder, 'spool'))
      expect(spool.counts.damagedRecords, `damaged by kill ${kill}`).toBe(0)
      for (const run of await unsentRuns(spool)) recorded.add(run.runId)
      for (const begun of spool.interrupted) interrupted.add(`${begun.checkId} ${begun.slotAt}`)
      if (middle) expect(spool.interrupted.map(({ runId }) => runId)).toContain(middle)
      await spool.close()
    }

    const last = await startMeasuring({ folder, url: coordinator.address }, target)
    const arrived = await until(
      'everything that was recorded has arrived, and each interrupted slot as such',
      async () => {
        const runs = await allRuns(coordinator)
        const ids = new Set(runs.map((run) => run.runId))
        const faults = runs.filter((run) => run.error?.type === 'probe.interrupted').map(slotOf)
        const missing = [
          ...[...recorded].filter((id) => !ids.has(id)),
          ...[...interrupted].filter((slot) => !faults.includes(slot)),
        ]
        if (missing.length > 0) throw new Error(`missing: ${missing.join(', ')}`)
        return runs
      },
      { withinMs: 20_000 },
    )
    await until(
      'there are slots enough for the ledger',
      () => systemClock.now() - startedAt > (SLOTS_MIN + 4) * 1_000,
      { withinMs: 20_000 },
    )
    last.process.kill('SIGTERM')
    expect(await last.exited).toBe(143)

    // Otherwise the kills hit nothing.
    expect(recorded.size).toBeGreaterThan(KILLS / 2)
    expect(interrupted.size).toBeGreaterThan(0)
    expect(new Set(arrived.map(slotOf)).size).toBe(arrived.length)
    // The target was well all the time.
    expect(arrived.filter((run) => run.verdict === 'failed')).toEqual([])
    await expectLedgerComplete(coordinator, checks[0], startedAt)
    console.info(
      `${KILLS} kills: ${arrived.length} runs arrived, ${recorded.size} were on the disk when killed, ` +
        `${interrupted.size} slots were interrupted; 0 lost, 0 doubled, 0 journals unreadable`,
    )
  },
  TEST_MS,
)

const slotOf = (run: RunSummary) => `${run.checkId} ${run.slotAt}`

/** Starts the probe, lets it measure for a random time, and kills it. */
async function liveAndDie(place: Place, target: Target): Promise<void> {
  const probe = await startMeasuring(place, target)
  await pause(Math.random() * LIFE_MS_MAX)
  probe.process.kill('SIGKILL')
  expect(await probe.exited).toBe('SIGKILL')
}

/**
 * Kills the probe when the disk knows of a run that the target has not answered yet; returns its id.
 * The probe is stopped before it is looked at a second time, for the run's time may end in between.
 */
async function dieInTheMiddle(place: Place, target: Target): Promise<string> {
  const journal = () => journalOf(join(place.folder, 'spool'))
  const earlier = openRuns(await journal())
  const begunHere = async () => [...openRuns(await journal())].find((runId) => !earlier.has(runId))
  target.hold()
  const probe = await startMeasuring(place, target)
  const runId = await until('the probe stands still within a run of this life', async () => {
    if (!(await begunHere())) return undefined
    probe.process.kill('SIGSTOP')
    const found = await begunHere()
    if (!found) probe.process.kill('SIGCONT')
    return found
  })
  probe.process.kill('SIGKILL')
  expect(await probe.exited).toBe('SIGKILL')
  target.release()
  return runId
}

/** The runs that began and have no end in the journal. */
function openRuns(journal: string): Set<string> {
  const ids = (type: string) =>
    [...journal.matchAll(new RegExp(` ${type} \\{"runId":"([^"]+)"`, 'g'))].map((match) => match[1])
  return new Set(ids('begun')).difference(new Set(ids('run'))) as Set<string>
}

/** A probe's folder, and where it looks for its coordinator. */
type Place = { folder: string; url: string }

async function startMeasuring(place: Place, target: Target): Promise<RunningCommand> {
  const before = target.requests()
  const probe = startProbe(place)
  await until('the probe measures', () => target.requests() > before, { withinMs: 15_000 })
  return probe
}

function startProbe({ folder, url }: Place) {
  return startFirewatch(['probe'], {
    folder,
    environment: {
      FIREWATCH_COORDINATOR_URL: url,
      FIREWATCH_PROBE_TOKEN: PROBE_TOKEN,
      FIREWATCH_REGION: REGION,
      FIREWATCH_PROBE_ID: `${REGION}-1`,
      FIREWATCH_PROBE_DATA: folder,
      FIREWATCH_BROWSERS: '0',
      FIREWATCH_METRICS_PORT: 'off',
      FIREWATCH_LOG_LEVEL: 'error',
      NODE_COMPILE_CACHE: join(folder, 'compiled'),
    },
  })
}

/** Answers at once, or, while it holds, not at all. */
type Target = { url: string; requests(): number; hold(): void; release(): void }

async function startTarget(): Promise<Target> {
  let requests = 0
  let isHeld = false
  const server = createServer((_request, response) => {
    requests += 1
    if (!isHeld) response.end('well')
  })
  return {
    url: `${await listenOnLoopback(server)}/`,
    requests: () => requests,
    hold() {
      isHeld = true
    },
    release() {
      isHeld = false
    },
  }
}

async function allRuns(coordinator: TestCoordinator): Promise<RunSummary[]> {
  const runs: RunSummary[] = []
  let cursor = ''
  for (;;) {
    const page = await coordinator.get(listRuns, {}, { limit: 200, ...(cursor && { cursor }) })
    runs.push(...page.data)
    if (page.nextCursor === null) return runs
    cursor = page.nextCursor
  }
}

/** Each slot that was due in the ledger's bars has an end, or is still within its time. */
async function expectLedgerComplete(
  coordinator: TestCoordinator,
  check: ReturnType<typeof aCheck<'http'>> | undefined,
  startedAt: number,
): Promise<void> {
  if (!check) throw new Error('there is no check')
  const now = await coordinator.get(getNow)
  const bar =
    now.services[0]?.checks.find((found) => found.checkId === check.id)?.regions[0]?.slots ?? []
  const known = new Set(bar.map((slot) => slot.slotAt))
  const from = Math.max(startedAt, (bar[0]?.slotAt ?? 0) - 1)
  const expected = dueSlots(check, REGION, from, now.now - 2_000)
  expect(expected.length).toBeGreaterThan(SLOTS_MIN)
  expect(expected.filter((slot) => !known.has(slot))).toEqual([])
}
