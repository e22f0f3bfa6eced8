import { setTimeout as wait } from 'node:timers/promises'
import { getCheck, getRun, listIncidents, listRuns } from '../../../src/protocol/public-api.ts'
import { until } from '../../support/until.ts'
import { quantile, table } from '../statistics.ts'
import { type BenchCheck, type BenchFleet, REGIONS } from './bench-fleet.ts'
import type { BenchShop } from './bench-shop.ts'

/** What "five failures in a row" of one region wants. */
const NAIVE_ROW = 5
/** The region that watches alone, for comparison. */
const ALONE = REGIONS[0] ?? ''
const NAIVE_SPARE_MS = 20_000

export type Plan = {
  /** Every one of them is a trial. */
  trials: readonly BenchCheck[]
  /** Each has one single error, and stays well. */
  blips: readonly BenchCheck[]
  /** All faults begin within so long, each at an instant of its own. */
  spreadMs: number
}

type Trial = { everyS: number; openedMs: number; toldMs: number; naiveMs: number }

/** Breaks each check at a random instant and measures from there, on one clock. */
export async function measureDetection(
  { client }: BenchFleet,
  shop: BenchShop,
  { plan, progress }: { plan: Plan; progress(line: string): void },
): Promise<string[]> {
  const { trials, blips, spreadMs } = plan
  const brokenAt = new Map<string, number>()
  progress(`${trials.length} faults and ${blips.length} single errors within ${spreadMs / 1_000} s`)
  const lasting = Promise.all(
    trials.map(async (check) => {
      await wait(Math.random() * spreadMs)
      brokenAt.set(check.id, Date.now())
      shop.breakFor(check.id)
      // Until one region alone would have seen it as often as the comparison wants.
      await wait(check.everyS * 1_000 * NAIVE_ROW + NAIVE_SPARE_MS)
    }),
  )
  const single = Promise.all(
    blips.map(async ({ id }) => {
      await wait(Math.random() * spreadMs)
      shop.blip(id)
    }),
  )
  await Promise.all([lasting, single])
  await until(
    'every single error was seen',
    () => blips.every(({ id }) => shop.firstFailureAt.has(id)),
    { withinMs: 60_000, everyMs: 500 },
  )
  // Long enough for a page that should not be.
  await wait(NAIVE_SPARE_MS)
  progress('reading what was found')
  const measured: Trial[] = []
  for (const check of trials)
    measured.push(await trialOf(client, shop, check, brokenAt.get(check.id) ?? Number.NaN))
  return [await detectionTable(client, trials, measured), await noiseSentence(client, shop, blips)]
}

async function trialOf(
  client: BenchFleet['client'],
  shop: BenchShop,
  { id, everyS }: BenchCheck,
  brokenAt: number,
): Promise<Trial> {
  const { data } = await client.ask(listIncidents, { query: { service: id } })
  const first = data.at(-1)
  return {
    everyS,
    openedMs: (first?.openedAt ?? Number.NaN) - brokenAt,
    toldMs: (shop.toldAt.get(id) ?? Number.NaN) - brokenAt,
    naiveMs: (await fifthFailureAt(client, id)) - brokenAt,
  }
}

/** The end of the run with which one region has failed so often in a row, of its own slots alone. */
async function fifthFailureAt(client: BenchFleet['client'], check: string): Promise<number> {
  const { data } = await client.ask(listRuns, { query: { check, region: ALONE, limit: 200 } })
  let inRow = 0
  for (const { runId } of data.toReversed()) {
    const { run } = await client.ask(getRun, { params: { runId } })
    if (run.command !== undefined) continue
    inRow = run.verdict === 'failed' ? inRow + 1 : 0
    if (inRow === NAIVE_ROW) return run.startedAt + run.durationMs
  }
  return Number.NaN
}

async function detectionTable(
  client: BenchFleet['client'],
  checks: readonly BenchCheck[],
  measured: readonly Trial[],
): Promise<string> {
  const rows = [
    [
      ...['interval', 'trials', 'found', 'opened: p50', 'p99', 'longest', 'told: p50', 'longest'],
      ...['theory: mean', 'at worst', 'five in a row: p50', 'longest', 'theory: mean', 'at worst'],
    ],
  ]
  for (const [everyS, trials] of Map.groupBy(measured, (trial) => trial.everyS)) {
    const id = checks.find((check) => check.everyS === everyS)?.id ?? ''
    const { detection } = await client.ask(getCheck, { params: { checkId: id } })
    const theory = detection?.confirmedAtOnce ?? detection?.everywhere
    const of = (pick: (trial: Trial) => number) =>
      trials.map(pick).filter((ms) => !Number.isNaN(ms))
    const opened = of(({ openedMs }) => openedMs)
    const told = of(({ toldMs }) => toldMs)
    const naive = of(({ naiveMs }) => naiveMs)
    rows.push([
      `${everyS} s`,
      String(trials.length),
      String(opened.length),
      seconds(quantile(opened, 0.5)),
      seconds(quantile(opened, 0.99)),
      seconds(Math.max(...opened)),
      seconds(quantile(told, 0.5)),
      seconds(Math.max(...told)),
      seconds(theory?.expectedMs ?? Number.NaN),
      seconds(theory?.worstMs ?? Number.NaN),
      seconds(quantile(naive, 0.5)),
      seconds(Math.max(...naive)),
      seconds((NAIVE_ROW - 0.5) * everyS * 1_000),
      seconds(NAIVE_ROW * everyS * 1_000),
    ])
  }
  return table(rows)
}

/** Of a share that was never seen in n tries: with 95 % certainty it is below 3/n. */
async function noiseSentence(
  client: BenchFleet['client'],
  shop: BenchShop,
  blips: readonly BenchCheck[],
): Promise<string> {
  const told = blips.filter(({ id }) => shop.toldAt.has(id)).length
  let opened = 0
  for (const { id } of blips)
    opened += (await client.ask(listIncidents, { query: { service: id } })).data.length
  return `Of ${blips.length} single errors ${opened} opened an incident and ${told} were told to anybody.`
}

const seconds = (ms: number): string => (Number.isFinite(ms) ? `${(ms / 1_000).toFixed(1)} s` : '–')
