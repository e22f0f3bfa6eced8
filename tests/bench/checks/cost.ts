import { setTimeout as wait } from 'node:timers/promises'
import type { CheckOf } from '../../../src/protocol/check.ts'
import { cpuMs } from '../child-processes.ts'
import { milliseconds, table } from '../statistics.ts'
import { httpCheck, httpsCheck } from './bench-checks.ts'
import { startBenchProbe } from './bench-probe.ts'
import type { BenchTarget } from './bench-target.ts'
import type { Blackbox } from './blackbox.ts'

/** Checks a second: half of what one of the two processors could do. */
const CHECKS_PER_SECOND = 200
const WARM_UP_MS = 8_000
const SETTLE_MS = 2_000

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
  const { target, blackbox, modern } = parts
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
    const ours = await costOfOurs(check, parts)
    const theirs =
      blackbox && module !== undefined
        ? await costOfBlackbox(blackbox, module, at, parts)
        : Number.NaN
    const ratio = Number.isNaN(theirs) ? '–' : (ours / theirs).toFixed(2)
    rows.push([name, keyExchange, `${milliseconds(ours)} ms`, `${milliseconds(theirs)} ms`, ratio])
  }
  return table(rows)
}

async function costOfOurs(check: CheckOf<'http'>, { folder, forMs }: CostParts): Promise<number> {
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
  await wait(WARM_UP_MS)
  await probe.report()
  const before = cpuMs(probe.pid)
  await wait(forMs)
  const spent = cpuMs(probe.pid) - before
  const { runs, verdicts } = await probe.report()
  await probe.stop()
  if ((verdicts.passed ?? 0) < runs * 0.99)
    throw new Error(`not passed: ${JSON.stringify(verdicts)}`)
  return spent / runs
}

/** As a Prometheus would scrape it: one request for each probe, at the same pace. */
async function costOfBlackbox(
  blackbox: Blackbox,
  module: string,
  at: string,
  { forMs }: CostParts,
): Promise<number> {
  const probeFor = async (durationMs: number): Promise<number> => {
    const startedAt = performance.now()
    const under = new Set<Promise<unknown>>()
    let probes = 0
    for (; performance.now() - startedAt < durationMs; probes++) {
      const probe = blackbox.probe(module, at).then((metrics) => {
        if (metrics.get('probe_success') !== 1) throw new Error('blackbox_exporter did not succeed')
      })
      under.add(probe)
      void probe.finally(() => under.delete(probe))
      await wait(
        Math.max(0, startedAt + ((probes + 1) * 1_000) / CHECKS_PER_SECOND - performance.now()),
      )
    }
    await Promise.all(under)
    return probes
  }
  await probeFor(SETTLE_MS)
  const before = cpuMs(blackbox.pid)
  const probes = await probeFor(forMs)
  return (cpuMs(blackbox.pid) - before) / probes
}
