import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { connectTo } from '../../../src/probe/connect-to.ts'
import { findChromium } from '../../../src/probe/find-chromium.ts'
import { browserArguments } from '../../../src/probe/journey/browser-arguments.ts'
import { checkMeter } from '../check-meter.ts'
import { nextMessage, startProgram, stopAll } from '../child-processes.ts'
import { compareRuns, describeTurns } from './compare-runs.ts'
import {
  type ContestantName,
  NAMES,
  type RunningContestant,
  startContestant,
} from './contestants.ts'
import { installSynthetics, SYNTHETICS_VERSION } from './install-synthetics.ts'
import { describeStepTimes, measureStepTimes } from './step-times.ts'
import { INTRODUCTION, loadLine, meterLine, STEP_TIMES, THROUGHPUT } from './texts.ts'

/**
 * Figures of journeys, all from one run on one machine: what a journey takes beside other ways to run it,
 * and how true the times of its steps are. Writes them to `tests/bench/journeys.md`.
 */

const RESULTS = join(import.meta.dirname, '../journeys.md')
const PLAYWRIGHT = join(import.meta.dirname, '../../../node_modules/playwright/package.json')

const ROUNDS = 15
const ROUNDS_QUICK = 3
const SAMPLES = 240
const SAMPLES_QUICK = 40
/** What each of three processes uses when the meter is checked. */
const KNOWN_LOAD_MS = 500

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    /** A contestant, or `steps` for the times of steps; may be repeated. */
    only: { type: 'string', multiple: true },
    /** More or fewer than usual, of turns and of steps. */
    rounds: { type: 'string' },
    samples: { type: 'string' },
    /** Leave the file of results as it is. */
    'no-write': { type: 'boolean', default: false },
  },
})
const known: readonly string[] = [...NAMES, 'steps']
const unknown = values.only?.find((name) => !known.includes(name))
if (unknown !== undefined) {
  process.stderr.write(`--only: there is no ${unknown}; there are ${known.join(', ')}\n`)
  process.exit(2)
}
const isWanted = (part: string) => values.only?.includes(part) ?? true
const progress = (line: string) => void process.stderr.write(`${line}\n`)

const folder = await mkdtemp(join(tmpdir(), 'firewatch-bench-'))
process.once('SIGINT', () => void stopAll().finally(() => process.exit(130)))
try {
  const notes = [loadLine(loadavg()[0] ?? 0, availableParallelism())]
  const chromium = await findChromium(process.env)
  if ('missing' in chromium) throw new Error(chromium.missing)
  const args = browserArguments(connectTo([]), { isRoot: process.getuid?.() === 0 })
  const syntheticsFolder = join(folder, 'synthetics')
  const names = await contestantNames(syntheticsFolder, notes)
  const shop = startProgram(join(import.meta.dirname, 'shop-process.ts'), [folder])
  const target = await nextMessage(shop, (message) => (message as { url?: string }).url)

  const sections: string[] = []
  const { usedMs, measuredMs } = await checkMeter(KNOWN_LOAD_MS)
  const parts = {
    target,
    chromium: chromium.path,
    browserArguments: args,
    folder,
    syntheticsFolder,
  }
  if (names.length > 0) {
    const contestants: RunningContestant[] = []
    for (const name of names) contestants.push(await startContestant(name, parts))
    const rounds = Number(values.rounds ?? (values.quick ? ROUNDS_QUICK : ROUNDS))
    const turns = await compareRuns({ contestants, rounds, progress })
    notes.push(`${rounds} rounds of turns.`)
    sections.push(THROUGHPUT, describeTurns(turns, 'bare'), meterLine(usedMs, measuredMs))
    for (const { stop } of contestants) await stop()
  }
  if (isWanted('steps')) {
    const samples = Number(values.samples ?? (values.quick ? SAMPLES_QUICK : SAMPLES))
    notes.push(`${samples} delayed steps of each kind and tool.`)
    const times = await measureStepTimes({ ...parts, samples, progress })
    sections.push(STEP_TIMES, describeStepTimes(times))
  }
  const versions = `Node ${process.versions.node}, Playwright ${await playwrightVersion()}, ${chromium.version.trim()}, @elastic/synthetics ${SYNTHETICS_VERSION} (which brings Playwright 1.62.0).`
  const text = ['# Journeys, measured', INTRODUCTION, versions, ...notes, ...sections].join('\n\n')
  process.stdout.write(`${text}\n`)
  if (!values['no-write'] && !values.only && !values.quick) await writeFile(RESULTS, `${text}\n`)
} finally {
  await stopAll()
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
}

async function contestantNames(
  syntheticsFolder: string,
  notes: string[],
): Promise<ContestantName[]> {
  const wanted = NAMES.filter(isWanted)
  if (!wanted.includes('synthetics')) return wanted
  progress('installing @elastic/synthetics into a temporary folder')
  const missing = await installSynthetics(syntheticsFolder)
  if (missing === undefined) return wanted
  notes.push(`Not compared: ${missing}.`)
  return wanted.filter((name) => name !== 'synthetics')
}

async function playwrightVersion(): Promise<string> {
  return (JSON.parse(await readFile(PLAYWRIGHT, 'utf8')) as { version: string }).version
}
