import { setTimeout as wait } from 'node:timers/promises'
import { cpuMs, memoryMib } from '../child-processes.ts'
import { milliseconds, quantile, table } from '../statistics.ts'
import { httpCheck } from './bench-checks.ts'
import { startBenchProbe } from './bench-probe.ts'
import type { BenchTarget } from './bench-target.ts'

const CHECKS_PER_MINUTE = 10_000
const EVERY_MS = 10_000
const WARM_UP_MS = 15_000
/** A run that starts later than this after its slot counts as late. */
const LATE_MS = 100

export type CapacityParts = {
  target: BenchTarget
  folder: string
  forMs: number
  progress(line: string): void
}

/** 10,000 checks a minute from one probe: what is late or flagged, and what it takes. */
export async function measureCapacity(parts: CapacityParts): Promise<string> {
  const { target, folder, forMs, progress } = parts
  progress(`capacity: ${CHECKS_PER_MINUTE} checks a minute`)
  target.script({})
  const probe = await startBenchProbe(`${folder}/capacity`)
  const count = Math.round((CHECKS_PER_MINUTE * EVERY_MS) / 60_000)
  const check = httpCheck(target.http)
  probe.assign(
    Array.from({ length: count }, (_, i) => ({
      ...check,
      id: `check-${i}`,
      regions: ['here'],
      schedule: { kind: 'interval' as const, everyMs: EVERY_MS },
      timeoutMs: 5_000,
    })),
  )
  await wait(WARM_UP_MS)
  await probe.report()
  const before = cpuMs(probe.pid)
  await wait(forMs)
  const cpuShare = (cpuMs(probe.pid) - before) / forMs
  const memory = memoryMib(probe.pid)
  const { runs, flagged, shed, verdicts, lateMs } = await probe.report()
  await probe.stop()
  return table([
    ['figure', 'value'],
    ['checks a minute', String(Math.round((runs * 60_000) / forMs))],
    [
      'runs',
      `${runs}: ${Object.entries(verdicts)
        .map(([verdict, n]) => `${n} ${verdict}`)
        .join(', ')}`,
    ],
    ['flagged', String(flagged)],
    [
      `late (more than ${LATE_MS} ms after the slot)`,
      String(lateMs.filter((ms) => ms > LATE_MS).length),
    ],
    ['shed', String(shed)],
    [
      'slot to start, p50 / p99 / worst',
      [0.5, 0.99, 1].map((q) => `${milliseconds(quantile(lateMs, q))} ms`).join(' / '),
    ],
    ['processor', `${(cpuShare * 100).toFixed(0)} % of one`],
    [
      'memory',
      `${memory.pss.toFixed(0)} MiB of its own, ${memory.rss.toFixed(0)} MiB with what it shares`,
    ],
  ])
}
