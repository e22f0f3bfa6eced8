import { setTimeout as wait } from 'node:timers/promises'
import { treeCpuMs } from '../process-tree.ts'
import { quantile, table } from '../statistics.ts'
import { type ContestantName, type RunningContestant, TITLES } from './contestants.ts'

/** Before and after each turn, so that what is cleared away late counts for who caused it. */
const SETTLE_MS = 400
/** Before what counts: what runs for the first time is compiled first. */
const WARM_UP_RUNS = 15

export type Turn = { wallMs: number; cpuMs: number }
export type Turns = Map<ContestantName, Turn[]>

export type CompareParts = {
  contestants: readonly RunningContestant[]
  rounds: number
  progress(line: string): void
}

const isWarm = (name: ContestantName) => name !== 'playwright-test' && name !== 'synthetics'
/** Long enough for the meter's steps of 10 ms not to matter. */
const RUNS_A_TURN = 6
const COMMANDS_A_TURN = 2

/** Lets everyone run in turn, round after round; gives milliseconds a journey, of time and processor. */
export async function compareRuns({ contestants, rounds, progress }: CompareParts): Promise<Turns> {
  const turns: Turns = new Map(contestants.map(({ name }) => [name, []]))
  for (const { name, run } of contestants) await run(isWarm(name) ? WARM_UP_RUNS : 1)
  for (let round = 0; round < rounds; round++) {
    // Who comes after whom changes: the caches of the processor are never the same one's.
    const order = contestants.map((_, i) => contestants[(i + round) % contestants.length])
    for (const contestant of order)
      if (contestant) turns.get(contestant.name)?.push(await take(contestant))
    progress(`round ${round + 1} of ${rounds}: ${describeRound(turns, round)}`)
  }
  return turns
}

async function take({ name, pid, run }: RunningContestant): Promise<Turn> {
  const runs = isWarm(name) ? RUNS_A_TURN : COMMANDS_A_TURN
  await wait(SETTLE_MS)
  const before = treeCpuMs(pid)
  const wallMs = await run(runs)
  await wait(SETTLE_MS)
  return { wallMs: wallMs / runs, cpuMs: (treeCpuMs(pid) - before) / runs }
}

const describeRound = (turns: Turns, round: number) =>
  [...turns]
    .map(([name, all]) => {
      const turn = all[round]
      return `${name} ${turn?.wallMs.toFixed(0)} ms, CPU ${turn?.cpuMs.toFixed(0)} ms`
    })
    .join('; ')

/** Medians with quartiles; ratios are of turns of one round. */
export function describeTurns(turns: Turns, limit: ContestantName): string {
  const rows = [
    [
      'contestant',
      'journeys a minute',
      'CPU s a journey',
      'time, of the limit',
      'CPU, of the limit',
    ],
  ]
  const base = turns.get(limit) ?? []
  for (const [name, all] of turns) {
    const ratios = (key: keyof Turn) =>
      all.flatMap((turn, round) => {
        const other = base[round]
        return other ? [turn[key] / other[key]] : []
      })
    rows.push([
      TITLES[name],
      spread(
        all.map(({ wallMs }) => 60_000 / wallMs),
        1,
      ),
      spread(
        all.map(({ cpuMs }) => cpuMs / 1_000),
        3,
      ),
      spread(ratios('wallMs'), 2),
      spread(ratios('cpuMs'), 2),
    ])
  }
  return table(rows)
}

/** `median (quartile–quartile)`. */
function spread(values: readonly number[], digits: number): string {
  if (values.length === 0) return '–'
  const [low, middle, high] = [0.25, 0.5, 0.75].map((share) =>
    quantile(values, share).toFixed(digits),
  )
  return `${middle} (${low}–${high})`
}
