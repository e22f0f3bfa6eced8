import { setTimeout as wait } from 'node:timers/promises'
import type { CheckOf } from '../../../src/protocol/check.ts'
import { cpuMs } from '../child-processes.ts'
import { milliseconds, table } from '../statistics.ts'
import { httpCheck, httpsCheck } from './bench-checks.ts'
import { startBenchProbe } from './bench-probe.ts'
import type { BenchTarget } from './bench-target.ts'
import type { Blackbox } from './blackbox.ts'

/** Checks a second, of each tool: together they leave half of two processors. */
const CHECKS_PER_SECOND = 200
const WARM_UP_MS = 8_000

export type CostParts = {
  target: BenchTarget
  blackbox: Blackbox | undefined
  folder: string
  /** How long each is measured. */
  forMs: number
  keyExchange: string
  /** A second target that takes the key exchange which Node chooses by itself. */
  modern: { target: BenchTarget; keyExchange: string }
  progress(line: string): void
}

/** Processor time of one check on a fresh connection, of everything that the process does for it. */
export async function measureCost(parts: CostParts): Promise<string> {
  const { target, modern } = parts
  target.script({})
  modern.target.script({})
  const rows = [['check', 'key exchange', 'Firewatch', 'blackbox_exporter', 'ratio']]
  const cases = [
    {
      name: 'HTTP',
      keyExchange: '–',
      check: httpCheck(target.http),
      module: 'http',
      at: target.http,
    },
    {
      name: 'HTTPS, verified',
      keyExchange: parts.keyExchange,
      check: httpsCheck(target.https, target.authority),
      module: 'https',
      at: target.https,
    },
    {
      name: 'HTTPS, verified',
      keyExchange: modern.keyExchange,
      check: httpsCheck(modern.target.https, modern.target.authority),
      module: undefined,
      at: modern.target.https,
    },
  ]
  for (const { name, keyExchange, check, module, at } of cases) {
    parts.progress(`cost: ${name} ${keyExchange}`)
    const { ours, theirs } = await costOfBoth(check, { module, at }, parts)
    const ratio = Number.isNaN(theirs) ? '–' : (ours / theirs).toFixed(2)
    rows.push([name, keyExchange, `${milliseconds(ours)} ms`, `${milliseconds(theirs)} ms`, ratio])
  }
  return table(rows)
}

type Theirs = { module: string | undefined; at: string }

/**
 * Both at the same pace in the same seconds: what a machine does in a second differs from one minute to the
 * next by more than the tools do.
 */
async function costOfBoth(
  check: CheckOf<'http'>,
  { module, at }: Theirs,
  { blackbox, folder, forMs }: CostParts,
): Promise<{ ours: number; theirs: number }> {
  const probe = await startBenchProbe(`${folder}/cost-${performance.now()}`)
  probe.assign(
    Array.from({ length: CHECKS_PER_SECOND }, (_, i) => ({
      ...check,
      id: `check-${i}`,
      regions: ['here'],
      schedule: { kind: 'interval' as const, everyMs: 1_000 },
      timeoutMs: 900,
    })),
  )
  const scrapes = blackbox && module !== undefined ? startScrapes(blackbox, module, at) : undefined
  await wait(WARM_UP_MS)
  await probe.report()
  scrapes?.take()
  const before = { ours: cpuMs(probe.pid), theirs: blackbox ? cpuMs(blackbox.pid) : 0 }
  await wait(forMs)
  const spent = {
    ours: cpuMs(probe.pid) - before.ours,
    theirs: blackbox ? cpuMs(blackbox.pid) - before.theirs : 0,
  }
  const { runs, verdicts } = await probe.report()
  const scraped = scrapes?.take() ?? 0
  await scrapes?.stop()
  await probe.stop()
  if ((verdicts.passed ?? 0) < runs * 0.99)
    throw new Error(`not passed: ${JSON.stringify(verdicts)}`)
  return { ours: spent.ours / runs, theirs: scraped > 0 ? spent.theirs / scraped : Number.NaN }
}

/** As a Prometheus would scrape it: one request for each probe. */
function startScrapes(blackbox: Blackbox, module: string, at: string) {
  const under = new Set<Promise<unknown>>()
  let ended = 0
  let failure: unknown
  let isOver = false
  const scrape = async () => {
    try {
      const metrics = await blackbox.probe(module, at)
      if (metrics.get('probe_success') !== 1) throw new Error('blackbox_exporter did not succeed')
      ended++
    } catch (error) {
      failure ??= error
    }
  }
  const loop = async () => {
    const startedAt = performance.now()
    for (let begun = 0; !isOver; begun++) {
      const one = scrape()
      under.add(one)
      void one.finally(() => under.delete(one))
      const nextAt = startedAt + ((begun + 1) * 1_000) / CHECKS_PER_SECOND
      await wait(Math.max(0, nextAt - performance.now()))
    }
  }
  const looping = loop()
  return {
    /** How many have ended since it was asked last. */
    take(): number {
      if (failure !== undefined) throw failure
      const count = ended
      ended = 0
      return count
    },
    async stop(): Promise<void> {
      isOver = true
      await looping
      await Promise.all(under)
    },
  }
}
