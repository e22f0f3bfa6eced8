import { readdirSync } from 'node:fs'
import { mkdtemp, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { HostProcesses } from '../../../../src/probe/journey/host-processes.ts'
import { memoryBound } from '../../../../src/probe/journey/measure-memory.ts'
import {
  createJourneyBench,
  type JourneyBench,
  journeySource,
} from '../../../support/journey-bench.ts'
import { type JourneySite, startJourneySite } from '../../../support/journey-site.ts'
import { longOrShort } from '../../../support/long-or-short.ts'
import { descendantsOf } from '../../../support/processes.ts'
import { robustSlope } from '../../../support/slope.ts'

const RUNS = longOrShort({ long: 2_000, short: 0 })
/** Samples, spread over the runs. */
const EVERY = 20

const { TMPDIR } = process.env
let site: JourneySite
let bench: JourneyBench

beforeAll(async () => {
  // A temporary folder of our own, in which nobody else makes anything.
  process.env.TMPDIR = await mkdtemp(join(tmpdir(), 'many-'))
  site = await startJourneySite()
  bench = await createJourneyBench()
})

afterAll(async () => {
  await bench.stop()
  await site.stop()
  const folder = tmpdir()
  if (TMPDIR === undefined) Reflect.deleteProperty(process.env, 'TMPDIR')
  else process.env.TMPDIR = TMPDIR
  // Nothing but the folder itself is left.
  await rmdir(folder)
})

type Sample = {
  rssMiB: number
  heapMiB: number
  descriptors: number
  processes: number
  tmp: number
}

/** Of the supervisor, whose process this is, and of everything below it. */
function sample(): Sample {
  const { rss, heapUsed } = process.memoryUsage()
  return {
    rssMiB: rss / 1024 ** 2,
    heapMiB: heapUsed / 1024 ** 2,
    descriptors: readdirSync('/proc/self/fd').length,
    processes: descendantsOf(process.pid).length,
    tmp: readdirSync(tmpdir(), { recursive: true }).length,
  }
}

/** Most that each may grow by in 1,000 runs. */
const GROWTH_MAX: Sample = { rssMiB: 20, heapMiB: 10, descriptors: 1, processes: 1, tmp: 5 }

test.runIf(RUNS > 0)(
  `${RUNS} runs in a row leave nothing behind`,
  { timeout: 3_600_000 },
  async () => {
    const script = await bench.write(
      'shop/short.journey.ts',
      journeySource(`await step('open', () => page.goto(target))
      await step('see', () => expect(page.getByText('Lamp shop')).toBeVisible())
      log(String(process.pid))`),
    )
    const samples: [run: number, sample: Sample][] = []
    const hosts = new Set<string>()
    const startedAt = performance.now()
    for (let run = 1; run <= RUNS; run++) {
      const { error, log } = await bench.run(script, { url: site.url })
      expect(error, `run ${run}`).toBeUndefined()
      hosts.add(log[0] ?? '')
      site.requests.length = 0
      if (run % EVERY === 0) samples.push([run, sample()])
    }
    const minutes = (performance.now() - startedAt) / 60_000
    console.log(`${RUNS} runs in ${minutes.toFixed(1)} minutes, in ${hosts.size} hosts`)

    const later = samples.slice(samples.length / 2)
    for (const [name, growthMax] of Object.entries(GROWTH_MAX) as [keyof Sample, number][]) {
      const slope = robustSlope(later.map(([run, values]) => [run, values[name]])) * 1_000
      const first = samples[0]?.[1][name] ?? 0
      const last = samples.at(-1)?.[1][name] ?? 0
      console.log(
        `${name}: ${first.toFixed(1)} at first, ${last.toFixed(1)} at last, ${slope.toFixed(2)} more each 1,000 runs`,
      )
      expect(slope, name).toBeLessThan(growthMax)
    }
    // A host does 200 runs.
    expect(hosts.size).toBe(Math.ceil(RUNS / 200))
  },
)

test('a look at a host costs its supervisor next to nothing', async () => {
  const { log } = await bench.tryOut('log(String(process.pid))')
  const pid = Number(log[0])
  const processes = new HostProcesses(pid, 'nowhere')
  processes.look()
  const times = Array.from({ length: 20 }, () => {
    const from = process.cpuUsage()
    expect(memoryBound(processes.look())).toBeGreaterThan(50 * 1024 ** 2)
    const { user, system } = process.cpuUsage(from)
    return (user + system) / 1_000
  })
  const ms = times.sort((a, b) => a - b)[10] ?? 0
  console.log(`a look takes ${ms.toFixed(2)} ms of the processor`)
  // Five a second: less than a hundredth of one processor.
  expect(ms).toBeLessThan(2)
})
