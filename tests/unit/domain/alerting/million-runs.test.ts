import { expect, test } from 'vitest'
import { resolveAlert } from '../../../../src/definitions/resolve-alert.ts'
import { detectionTime } from '../../../../src/domain/alerting/detection-time.ts'
import type { CheckDefinition } from '../../../../src/protocol/check.ts'
import { aCheck } from '../../../support/builders.ts'
import { longOrShort } from '../../../support/long-or-short.ts'
import { type Outage, seededRandom, simulateFleet, type Troubles } from './simulate-fleet.ts'
import { NOW } from './votes.ts'

/** What the usual rule makes of many runs, played through the pure functions that decide. */

const RUNS = longOrShort({ long: 1_000_000, short: 8_000 })
const RUNS_WITH_OUTAGES = longOrShort({ long: 200_000, short: 8_000 })
const LONG_MS_MAX = 1_200_000
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const REGIONS = ['eu-west', 'us-east', 'ap-south']

const CHECK: CheckDefinition = aCheck('http', {
  schedule: { kind: 'interval', everyMs: 30_000 },
  regions: REGIONS,
  timeoutMs: 5_000,
  retry: { on: 'network', times: 1 },
  alert: resolveAlert(
    {},
    REGIONS.map((id) => ({ id })),
  ),
})

/** Each region's own, and far more often than anybody would stand. */
const TROUBLES: Troubles = {
  // What a probe does not see of its own trouble looks like the target's. With four times as much of it,
  // in a million runs two regions do so within half a minute of each other, by chance: that is an
  // incident. In few runs there must be some at all.
  overload: {
    ...{ everyMs: 2 * HOUR, lastsMs: 6 * MINUTE },
    unseen: longOrShort({ long: 0.000_5, short: 0.02 }),
  },
  loss: { everyMs: 2 * HOUR, lastsMs: 15 * MINUTE },
  crash: { everyMs: 4 * HOUR, lastsMs: 3 * MINUTE },
  cut: { everyMs: 6 * HOUR, lastsMs: 4 * MINUTE },
}

test(
  'a healthy target, seen by probes that are overloaded, lose packets, crash and are cut off, is never an incident',
  () => {
    const { firings, ...found } = simulateFleet(CHECK, {
      ...{ seed: 20_260_313, runsMin: RUNS, startAt: NOW, troubles: TROUBLES },
      outageAt: () => false,
    })
    const { runs, verdicts, missed, late, confirmations, endsAt } = found
    console.info(
      `${runs} runs in ${Math.round((endsAt - NOW) / HOUR)} h of three regions: ${verdicts.failed} failed, ${verdicts.probe_fault} probe faults, ${missed} slots missed, ${late} late; ${JSON.stringify(confirmations)}; false incidents ${firings.length}, at 95 % certainty fewer than ${(3e6 / runs).toFixed(1)} in a million runs`,
    )
    // Otherwise nothing was tried.
    expect(verdicts.failed).toBeGreaterThan(0)
    expect(verdicts.probe_fault).toBeGreaterThan(runs / 200)
    expect(missed).toBeGreaterThan(runs / 200)
    expect(confirmations.not_confirmed).toBeGreaterThan(0)
    expect(firings).toEqual([])
  },
  LONG_MS_MAX,
)

/** Outages of random length and reach, with quiet between them. */
function someOutages(random: () => number, untilAt: number): Outage[] {
  const outages: Outage[] = []
  for (let at = NOW + HOUR; at < untilAt; ) {
    const lastsMs = (10 + random() * 20) * MINUTE
    const one = REGIONS[Math.floor(random() * REGIONS.length)] ?? ''
    outages.push({
      from: at,
      until: at + lastsMs,
      regions: random() < 0.5 ? REGIONS : [one],
    })
    at += lastsMs + HOUR + random() * 2 * HOUR
  }
  return outages
}

const SHORTEST_GAP_MS = HOUR

function playOutages(troubles: Troubles, seed: number) {
  const untilAt = NOW + (RUNS_WITH_OUTAGES / REGIONS.length) * 30_000
  const outages = someOutages(seededRandom(seed), untilAt)
  let next = 0
  const outageAt = (now: number, regionId: string): boolean => {
    while ((outages[next]?.until ?? Infinity) + SHORTEST_GAP_MS / 2 < now) next++
    const outage = outages[next]
    return (
      outage !== undefined &&
      now >= outage.from &&
      now < outage.until &&
      outage.regions.includes(regionId)
    )
  }
  const found = simulateFleet(CHECK, {
    seed,
    runsMin: RUNS_WITH_OUTAGES,
    startAt: NOW,
    troubles,
    outageAt,
  })
  // One that the simulation did not live to see is none.
  const seen = outages.filter(({ until }) => until < found.endsAt)
  const took = seen.map((outage) => {
    const firing = found.firings.find(
      ({ at }) => at >= outage.from && at < outage.until + SHORTEST_GAP_MS / 2,
    )
    return { outage, tookMs: firing && firing.at - outage.from }
  })
  const wrong = found.firings.filter(
    ({ at }) => !outages.some(({ from, until }) => at >= from && at < until + SHORTEST_GAP_MS / 2),
  )
  return { found, took, wrong }
}

const isGlobal = ({ regions }: Outage) => regions.length === REGIONS.length

test(
  'every outage is found within what the check promises while the fleet is well, and nothing else is',
  () => {
    const { found, took, wrong } = playOutages({}, 7)
    const promised = detectionTime(CHECK, { now: NOW })
    const times = (global: boolean) =>
      took
        .filter(({ outage }) => isGlobal(outage) === global)
        .map(({ tookMs }) => tookMs ?? Infinity)
        .sort((a, b) => a - b)
    for (const [name, all, worstMs] of [
      ['everywhere', times(true), promised?.confirmedAtOnce?.worstMs ?? 0],
      ['in one region', times(false), promised?.oneRegion.worstMs ?? 0],
    ] as const) {
      const median = all[Math.floor(all.length / 2)] ?? 0
      console.info(
        `${all.length} outages ${name} in ${found.runs} runs: found after ${Math.round(median)} ms (median), ${Math.round(all.at(-1) ?? 0)} ms at most; promised ${worstMs} ms`,
      )
      expect(all.length).toBeGreaterThan(2)
      // The simulation decides at once; nothing of what is promised for a busy coordinator is used.
      expect(all.at(-1)).toBeLessThanOrEqual(worstMs)
    }
    expect(wrong).toEqual([])
  },
  LONG_MS_MAX,
)

test(
  'no outage is missed by a fleet in trouble, and none is told of that is not there',
  () => {
    const { found, took, wrong } = playOutages(TROUBLES, 11)
    const everywhere = took.filter(({ outage }) => isGlobal(outage))
    const missed = everywhere.filter(({ tookMs }) => tookMs === undefined)
    const alone = took.filter(({ outage }) => !isGlobal(outage))
    const unseen = alone.filter(({ tookMs }) => tookMs === undefined)
    console.info(
      `${found.runs} runs of a fleet in trouble: of ${everywhere.length} outages everywhere ${missed.length} were missed, of ${alone.length} in one region ${unseen.length}, whose probe was dead or overloaded; false ${wrong.length}`,
    )
    expect(everywhere.length).toBeGreaterThan(2)
    expect(missed).toEqual([])
    expect(wrong).toEqual([])
  },
  LONG_MS_MAX,
)
