import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { chromium } from 'playwright'
import { runCheck } from '../../../src/probe/checks/run-check.ts'
import { aCheck } from '../../support/builders.ts'
import { nextMessage, startProgram, stopChild } from '../child-processes.ts'
import { milliseconds, quantile, table } from '../statistics.ts'
import { createBenchHosts } from './bench-hosts.ts'
import { runBody } from './run-body.ts'
import type { SiteMessage } from './slow-site.ts'
import journey from './step-times.journey.ts'

/** Scripted delays lie between these, spread evenly. */
const DELAY_MS_MIN = 20
const DELAY_MS_MAX = 300
/** Waits of each kind in one run, and of those without a delay. */
const DELAYED_A_RUN = 5
const UNDELAYED_A_RUN = 3
const WARM_UP_RUNS = 3

const KINDS = ['open', 'ask'] as const
const TOOLS = ['Firewatch', 'bare loop'] as const
type Kind = (typeof KINDS)[number]
type Tool = (typeof TOOLS)[number]

type Wait = { kind: Kind; delayMs: number; id: string }
/** A step's published time less what the server took, both in milliseconds. */
export type StepSample = { tool: Tool; kind: Kind; isDelayed: boolean; besideMs: number }

export type StepTimesParts = {
  chromium: string
  browserArguments: readonly string[]
  folder: string
  /** Delayed samples of each kind and tool. */
  samples: number
  progress(line: string): void
}

export async function measureStepTimes(parts: StepTimesParts): Promise<StepSample[]> {
  const site = startProgram(join(import.meta.dirname, 'slow-site.ts'))
  const truths = new Map<string, number>()
  site.on('message', (message: SiteMessage) => {
    if (message.kind === 'truth') truths.set(message.id, message.ms)
  })
  const target = await readyUrl(site)
  const tools = await startTools(parts, target)
  const runs = Math.ceil(parts.samples / DELAYED_A_RUN)
  const measured: { tool: Tool; waits: Wait[]; stepMs: number[] }[] = []
  try {
    for (let run = -WARM_UP_RUNS; run < runs; run++) {
      for (const tool of TOOLS) {
        const waits = waitsOf(run, runs)
        const stepMs = await tools[tool](waits)
        if (run >= 0) measured.push({ tool, waits, stepMs })
      }
      if (run % 10 === 0) parts.progress(`times of steps: run ${run} of ${runs}`)
    }
  } finally {
    await tools.stop()
    await stopChild(site)
  }
  return measured.flatMap((one) => samplesOf(one, truths))
}

const readyUrl = (site: ChildProcess) =>
  nextMessage(site, (message) => {
    const said = message as SiteMessage
    return said.kind === 'ready' ? said.url : undefined
  })

/** The times of the steps, in milliseconds. */
type Measure = (waits: readonly Wait[]) => Promise<number[]>

async function startTools(
  parts: StepTimesParts,
  target: string,
): Promise<Record<Tool, Measure> & { stop(): Promise<void> }> {
  const ours = createBenchHosts({ ...parts, probesFolder: import.meta.dirname })
  const browser = await chromium.launch({
    executablePath: parts.chromium,
    args: [...parts.browserArguments],
  })
  return {
    async Firewatch(waits) {
      const check = aCheck('journey', {
        script: 'step-times.journey.ts',
        url: target,
        timeoutMs: 30_000,
        params: { waits: textOf(waits) },
      })
      const { verdict, error, steps } = await runCheck(check, ours.context())
      if (verdict !== 'passed') throw new Error(`${verdict}: ${error?.message}`)
      return steps.map(({ ms }) => ms)
    },
    async 'bare loop'(waits) {
      const context = await browser.newContext()
      const page = await context.newPage()
      const stepMs: number[] = []
      const params = { waits: textOf(waits) }
      const step = async (_: string, body: () => unknown) => {
        const startedAt = performance.now()
        const value = await body()
        stepMs.push(performance.now() - startedAt)
        return value
      }
      await runBody(journey, { page, context, target, params, step })
      await context.close()
      return stepMs
    },
    async stop() {
      await browser.close()
      await ours.stop()
    },
  }
}

/** Kinds and delays take turns, so that no moment of the machine is one kind's or one delay's. */
function waitsOf(run: number, runs: number): Wait[] {
  const wait = (kind: Kind, delayMs: number): Wait => ({ kind, delayMs, id: randomUUID() })
  const delayed = Array.from({ length: DELAYED_A_RUN }, (_, i) => {
    const share = (i + Math.max(0, run) / runs) / DELAYED_A_RUN
    return Math.round(DELAY_MS_MIN + (DELAY_MS_MAX - DELAY_MS_MIN) * share)
  })
  const delays = delayed.flatMap((delayMs, i) => (i < UNDELAYED_A_RUN ? [0, delayMs] : [delayMs]))
  return delays.flatMap((delayMs) => KINDS.map((kind) => wait(kind, delayMs)))
}

const textOf = (waits: readonly Wait[]) =>
  waits.map(({ kind, delayMs, id }) => `${kind}:${delayMs}:${id}`).join(',')

function samplesOf(
  { tool, waits, stepMs }: { tool: Tool; waits: readonly Wait[]; stepMs: readonly number[] },
  truths: ReadonlyMap<string, number>,
): StepSample[] {
  return waits.map(({ kind, delayMs, id }, i) => {
    const publishedMs = stepMs[i]
    const truthMs = truths.get(id)
    if (publishedMs === undefined || truthMs === undefined)
      throw new Error(`a step has no ${truthMs === undefined ? 'truth' : 'time'}`)
    return { tool, kind, isDelayed: delayMs > 0, besideMs: publishedMs - truthMs }
  })
}

const WORDS: Record<Kind, string> = { open: 'open a page', ask: 'click, and wait for an answer' }

export function describeStepTimes(samples: readonly StepSample[]): string {
  const rows = [['step', 'tool', 'beside the server', 'p50', 'p99', 'worst']]
  for (const kind of KINDS)
    for (const tool of TOOLS) {
      const own = samples.filter((sample) => sample.tool === tool && sample.kind === kind)
      const beside = (isDelayed: boolean) =>
        own.filter((sample) => sample.isDelayed === isDelayed).map(({ besideMs }) => besideMs)
      const usualMs = quantile(beside(false), 0.5)
      const errors = beside(true).map((ms) => Math.abs(ms - usualMs))
      rows.push([
        WORDS[kind],
        tool,
        milliseconds(usualMs),
        milliseconds(quantile(errors, 0.5)),
        milliseconds(quantile(errors, 0.99)),
        milliseconds(Math.max(...errors)),
      ])
    }
  return table(rows)
}
