import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { CheckOf } from '../../../src/protocol/check.ts'
import { cpuMs, nextMessage, startProgram, stopChild } from '../child-processes.ts'
import { milliseconds, table } from '../statistics.ts'
import type { BareOrder, BareReport } from './bare-requests.ts'
import { httpCheck, httpsCheck } from './bench-checks.ts'
import { startBenchProbe } from './bench-probe.ts'
import type { BenchTarget } from './bench-target.ts'
import type { Blackbox } from './blackbox.ts'

/** Checks a second, of each tool: together they leave a part of two processors. */
const CHECKS_PER_SECOND = 120
/** A probe runs for weeks: what it does in its first minute, while its code is still compiled, is not its cost. */
const WARM_UP_MS = 60_000

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
  const rows = [
    ['check', 'key exchange', 'Firewatch', 'blackbox_exporter', 'ratio', 'bare request', 'ratio'],
  ]
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
    const { ours, theirs, bare } = await costOfEach(check, { module, at }, parts)
    const inMs = (ms: number) => (Number.isNaN(ms) ? '–' : `${milliseconds(ms)} ms`)
    const ratio = (to: number) => (Number.isNaN(to) ? '–' : (ours / to).toFixed(2))
    rows.push([name, keyExchange, inMs(ours), inMs(theirs), ratio(theirs), inMs(bare), ratio(bare)])
  }
  return table(rows)
}

type Theirs = { module: string | undefined; at: string }

/**
 * All at the same pace in the same seconds: what a machine does in a second differs from one minute to the
 * next by more than the tools do.
 */
async function costOfEach(
  check: CheckOf<'http'>,
  { module, at }: Theirs,
  { blackbox, folder, forMs }: CostParts,
): Promise<{ ours: number; theirs: number; bare: number }> {
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
  const requests = await startBareRequests({
    url: at,
    trustedRoots: check.trustedRoots,
    perSecond: CHECKS_PER_SECOND,
  })
  await wait(WARM_UP_MS)
  await Promise.all([probe.report(), requests.take()])
  scrapes?.take()
  const pids = [probe.pid, blackbox?.pid ?? probe.pid, requests.pid]
  const before = pids.map(cpuMs)
  await wait(forMs)
  const [ours = 0, theirs = 0, bare = 0] = pids.map((pid, i) => cpuMs(pid) - (before[i] ?? 0))
  const [{ runs, verdicts }, requested] = await Promise.all([probe.report(), requests.take()])
  const scraped = scrapes?.take() ?? 0
  await scrapes?.stop()
  await requests.stop()
  await probe.stop()
  if ((verdicts.passed ?? 0) < runs * 0.99)
    throw new Error(`not passed: ${JSON.stringify(verdicts)}`)
  return {
    ours: ours / runs,
    theirs: scraped > 0 ? theirs / scraped : Number.NaN,
    bare: bare / requested,
  }
}

async function startBareRequests(order: BareOrder) {
  const child = startProgram(join(import.meta.dirname, 'bare-requests.ts'))
  await nextMessage(child, (message) => message as object)
  child.send(order)
  return {
    pid: child.pid ?? 0,
    /** How many have ended since it was asked last. */
    async take(): Promise<number> {
      const reported = nextMessage(child, (message) => message as BareReport)
      child.send('report')
      return (await reported).requests
    },
    stop: () => stopChild(child),
  }
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
