import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  DAEMON_SECONDS,
  deadlineOf,
  HOSTILE_JOURNEYS,
  type HostileJourney,
  MEMORY_MAX,
  startHostileSite,
  victim,
} from '../../../support/hostile-journeys.ts'
import { createJourneyBench, type JourneyBench } from '../../../support/journey-bench.ts'
import { longOrShort } from '../../../support/long-or-short.ts'
import { listProcesses } from '../../../support/processes.ts'
import { until } from '../../../support/until.ts'

/**
 * Nothing that a page or journey does may harm the probe. Each case: the verdict is right, the run
 * ends within a second of its deadline, nothing of it is left a second later, and the next run is
 * green.
 */
const TIMES = longOrShort({ long: 20, short: 1 })
/**
 * Of most runs: a machine that does other things as well may stop any of them for a moment, and has a
 * right to when there is only one.
 */
const OVERRUN_MS_MAX = longOrShort({ long: 1_000, short: 3_000 })
const GONE_MS_MAX = longOrShort({ long: 1_000, short: 3_000 })
const rows = HOSTILE_JOURNEYS.filter(({ isShort }) => longOrShort({ long: true, short: isShort }))

let site: Awaited<ReturnType<typeof startHostileSite>>
let bench: JourneyBench

beforeAll(async () => {
  site = await startHostileSite()
  bench = await createJourneyBench({
    limits: { memoryBytesMax: MEMORY_MAX, tempBytesMax: 200 * 1024 ** 2 },
  })
})

afterAll(async () => {
  await bench.stop()
  await site.stop()
  expect(hostFolders()).toEqual([])
})

const hostFolders = () =>
  readdirSync(tmpdir()).filter((name) => name.startsWith(`firewatch-host-${process.pid}-`))

/** What there still is of the host with this folder, and of the daemons that its journey started. */
function leftovers(folder: string): string[] {
  const processes = listProcesses().filter(
    ({ command }) => command === `sleep ${DAEMON_SECONDS}` || command.includes(`/${folder}/`),
  )
  return [
    ...processes.map(({ command }) => command.slice(0, 80)),
    ...hostFolders().filter((name) => name === folder),
  ]
}

/** Resolves with the time that it took until nothing was left; undefined when the host was kept. */
async function timeUntilGone(folder: string, isKept: () => boolean): Promise<number | undefined> {
  const from = performance.now()
  await until(
    'nothing is left',
    () => {
      const left = leftovers(folder)
      if (isKept() && left.every((one) => one !== `sleep ${DAEMON_SECONDS}`)) return true
      if (left.length > 0) throw new Error(left.join(', '))
      return true
    },
    { withinMs: 15_000 },
  )
  return isKept() ? undefined : performance.now() - from
}

async function runOnce(row: HostileJourney) {
  const { what, attack, options, body, type, message } = row
  site.onWaits(() => {
    const pid = attack && victim(listProcesses(), attack.to, process.pid)
    if (attack && pid) process.kill(pid, attack.signal)
  })
  const hostPid = async () => {
    // Waits for a host that is ready, and says which one it is.
    const { error, log } = await bench.tryOut(
      `await page.goto(target); await expect(page.getByText('fine')).toBeVisible()
       log(String(process.pid))`,
      { url: site.url },
    )
    expect(error, `the run beside: ${what}`).toBeUndefined()
    return log[0]
  }
  const pidBefore = await hostPid()
  const [folder = ''] = hostFolders()
  const run = await bench.tryOut(`log(String(Date.now()))\n${body}`, {
    url: site.url,
    timeoutMs: deadlineOf(row),
    ...options,
  })
  // Its time begins when the journey's first line runs.
  const overrunMs = Math.max(0, Date.now() - Number(run.log[0]) - deadlineOf(row))
  let isKept = false
  const gone = timeUntilGone(folder, () => isKept)
  expect(run.error?.type, run.error?.message).toBe(type)
  if (message) expect(run.error?.message).toMatch(message)
  isKept = (await hostPid()) === pidBefore
  return { overrunMs, goneMs: await gone }
}

const middle = (values: number[]) =>
  Math.round(values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0)
const most = (values: number[]) => Math.round(Math.max(0, ...values))

test.each(rows)(
  '$what harms nothing but its own run: $type',
  { timeout: 60_000 * TIMES },
  async (row) => {
    const overruns: number[] = []
    const gone: number[] = []
    for (let time = 0; time < TIMES; time++) {
      const { overrunMs, goneMs } = await runOnce(row)
      overruns.push(overrunMs)
      if (goneMs !== undefined) gone.push(goneMs)
    }
    console.log(
      `${row.what}: overrun p50 ${middle(overruns)} ms, max ${most(overruns)} ms; ` +
        `${gone.length} hosts replaced, gone after p50 ${middle(gone)} ms, max ${most(gone)} ms`,
    )
    expect(middle(overruns)).toBeLessThan(OVERRUN_MS_MAX)
    expect(middle(gone)).toBeLessThan(GONE_MS_MAX)
  },
)
