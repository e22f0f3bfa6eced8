import { join } from 'node:path'
import type { ProbedCheck } from '../../../src/protocol/check.ts'
import type { PhaseName } from '../../../src/protocol/run.ts'
import { nextMessage, startHogs, startProgram } from '../child-processes.ts'
import { milliseconds, quantile, table } from '../statistics.ts'
import { dnsCheck, httpCheck, httpsCheck } from './bench-checks.ts'
import type { BenchTarget } from './bench-target.ts'
import type { Blackbox } from './blackbox.ts'
import type { DelayedNetwork } from './delayed-network.ts'
import type { Measurement } from './measurer.ts'
import type { Script } from './scripted-server.ts'

/** Scripted delays lie between these, spread evenly: a phase that is too short hides its error. */
const DELAY_MS_MIN = 2
const DELAY_MS_MAX = 40
/** Before the first that counts: a probe that just started compiles what it runs. */
const WARM_UP_SAMPLES = 40

type Sample = { errorMs: number; isFlagged: boolean }
type Measure = (script: number) => Promise<Sample>

export type Scenario = {
  phase: string
  ours: Measure
  /** Undefined where there is nothing to compare with. */
  blackbox: Measure | undefined
}

export type TimingParts = {
  target: BenchTarget
  blackbox: Blackbox | undefined
  network: DelayedNetwork | undefined
  /** Samples of each phase, tool and load. */
  samples: number
  processors: number
  progress(line: string): void
}

/** Error of each phase's published time against the time that the target really took. */
export async function measureTimingTruth(parts: TimingParts): Promise<string> {
  const measurer = startProgram(join(import.meta.dirname, 'measurer.ts'))
  await nextMessage(measurer, (message) => (message === 'ready' ? message : undefined))
  const runOurs = async (check: ProbedCheck): Promise<Measurement> => {
    const answered = nextMessage(measurer, (message) => message as Measurement)
    measurer.send(check)
    return answered
  }
  const rows = [['phase', 'load', 'tool', 'p50', 'p99', 'worst', 'flagged']]
  for (const load of ['idle', 'all processors busy'] as const) {
    const hogs = load === 'idle' ? undefined : startHogs(parts.processors)
    for (const scenario of scenarios(parts, runOurs)) {
      parts.progress(`timing: ${scenario.phase}, ${load}`)
      rows.push(...(await compare(scenario, load, parts.samples)))
    }
    await hogs?.stop()
  }
  measurer.disconnect()
  return table(rows)
}

async function compare({ phase, ours, blackbox }: Scenario, load: string, count: number) {
  const samples = { ours: [] as Sample[], blackbox: [] as Sample[] }
  for (let i = -WARM_UP_SAMPLES; i < count; i++) {
    const delayMs = DELAY_MS_MIN + ((DELAY_MS_MAX - DELAY_MS_MIN) * Math.max(0, i)) / count
    // One after the other, so that both see the same moment of the machine.
    const [one, other] = [await ours(delayMs), await blackbox?.(delayMs)]
    if (i < 0) continue
    samples.ours.push(one)
    if (other) samples.blackbox.push(other)
  }
  const row = (tool: string, all: readonly Sample[]) => {
    const errors = all.filter(({ isFlagged }) => !isFlagged).map(({ errorMs }) => Math.abs(errorMs))
    const flagged = all.length - errors.length
    const share = `${flagged} of ${all.length}`
    return [
      phase,
      load,
      tool,
      milliseconds(quantile(errors, 0.5)),
      milliseconds(quantile(errors, 0.99)),
      milliseconds(Math.max(...errors)),
      tool === 'Firewatch' ? share : 'cannot',
    ]
  }
  return [
    row('Firewatch', samples.ours),
    ...(blackbox ? [row('blackbox_exporter', samples.blackbox)] : []),
  ]
}

type RunOurs = (check: ProbedCheck) => Promise<Measurement>

function scenarios(parts: TimingParts, runOurs: RunOurs): Scenario[] {
  const { target, blackbox, network } = parts
  const { http, https, dns, authority } = target
  const phases = [
    {
      phase: 'dns',
      script: 'query',
      name: 'query',
      check: dnsCheck(dns),
      module: 'dns',
      at: dns,
      metric: 'probe_dns_duration_seconds{phase="request"}',
    },
    {
      phase: 'tls',
      script: 'tls',
      name: 'tls',
      check: httpsCheck(https, authority),
      module: 'https',
      at: https,
      metric: HTTP('tls'),
    },
    {
      phase: 'first byte',
      script: 'firstByte',
      name: 'firstByte',
      check: httpCheck(http),
      module: 'http',
      at: http,
      metric: HTTP('processing'),
    },
    {
      phase: 'body',
      script: 'download',
      name: 'download',
      check: httpCheck(http),
      module: 'http',
      at: http,
      metric: HTTP('transfer'),
    },
  ] as const satisfies {
    phase: string
    script: keyof Script
    name: PhaseName
    check: ProbedCheck
    module: string
    at: string
    metric: string
  }[]
  const scripted = phases.map(({ phase, script, name, check, module, at, metric }): Scenario => {
    const truthOf = async (delayMs: number, probe: () => Promise<Published>): Promise<Sample> => {
      target.script({ [script]: delayMs })
      const truth = target.nextTruth(script)
      // When the probe itself fails, that is the error to be told.
      truth.catch(() => undefined)
      const { ms, isFlagged } = await probe()
      return { errorMs: ms - (await truth), isFlagged }
    }
    return {
      phase,
      ours: (delayMs) => truthOf(delayMs, async () => published(await runOurs(check), name)),
      blackbox:
        blackbox &&
        ((delayMs) =>
          truthOf(delayMs, async () => metricOf(await blackbox.probe(module, at), metric))),
    }
  })
  return network ? [...scripted, connectScenario(network, parts, runOurs)] : scripted
}

const HTTP = (phase: string) => `probe_http_duration_seconds{phase="${phase}"}` as const

function connectScenario(
  network: DelayedNetwork,
  { blackbox }: TimingParts,
  runOurs: RunOurs,
): Scenario {
  const sample = async (delayMs: number, probe: () => Promise<Published>): Promise<Sample> => {
    network.delayNextMs(delayMs)
    const { ms, isFlagged } = await probe()
    return { errorMs: ms - (network.truthMs() ?? Number.NaN), isFlagged }
  }
  const check = httpCheck(network.url)
  return {
    phase: 'connect',
    ours: (delayMs) => sample(delayMs, async () => published(await runOurs(check), 'connect')),
    blackbox:
      blackbox &&
      ((delayMs) =>
        sample(delayMs, async () =>
          metricOf(await blackbox.probe('http', network.url), HTTP('connect')),
        )),
  }
}

type Published = { ms: number; isFlagged: boolean }

function published({ verdict, error, phases, quality }: Measurement, name: PhaseName): Published {
  if (verdict !== 'passed') throw new Error(`the check did not pass: ${error}`)
  const ms = phases.find((phase) => phase.name === name)?.ms ?? Number.NaN
  return { ms, isFlagged: quality?.flagged !== undefined }
}

function metricOf(metrics: Map<string, number>, name: string): Published {
  if (metrics.get('probe_success') !== 1) throw new Error('blackbox_exporter did not succeed')
  return { ms: (metrics.get(name) ?? Number.NaN) * 1_000, isFlagged: false }
}
