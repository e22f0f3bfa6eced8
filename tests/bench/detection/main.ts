import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { stopAll } from '../child-processes.ts'
import { type BenchCheck, startBenchFleet } from './bench-fleet.ts'
import { startBenchShop } from './bench-shop.ts'
import { measureDetection } from './measure.ts'

/** How soon a fault is an incident, and what a single error is. Writes `tests/bench/detection.md`. */

const RESULTS = join(import.meta.dirname, '../detection.md')

const INTRODUCTION = `Made by \`npm run bench:detection\`. A coordinator and a probe in each of three regions run as processes of
their own, from files as people write them; every rule is the default. Each trial is a check of a service
of its own, whose page fails everywhere from a random instant on. "Opened" is from that instant to the open
incident, "told" to its arrival at a webhook; "five in a row" is the end of the fifth failing run of one of
the three regions in the same trials, which is what a rule of five failures of one place would have waited
for. Theory is the check's own promise: the others asked at once, runs as long as they are, for the worst
case as long as they may be. Nearest ranks; of 30 trials p99 is the longest.`

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    /** Leave the file of results as it is. */
    'no-write': { type: 'boolean', default: false },
  },
})
const INTERVALS_S = values.quick ? [10] : [10, 20, 30, 60]
const TRIALS = values.quick ? 5 : 30
/** So that no more are confirmed in a minute than a fleet confirms. */
const SPREAD_MS = values.quick ? 20_000 : 200_000

const checksOf = (prefix: string, everyS: number): BenchCheck[] =>
  Array.from({ length: TRIALS }, (_, index) => ({ id: `${prefix}-${index + 1}`, everyS }))
const trials = INTERVALS_S.flatMap((everyS) => checksOf(`every-${everyS}`, everyS))
const blips = checksOf('blip', 20)
const progress = (line: string) => void process.stderr.write(`${line}\n`)

const folder = await mkdtemp(join(tmpdir(), 'firewatch-bench-'))
const shop = await startBenchShop()
try {
  progress('starting the fleet; every check must have passed in every region')
  const fleet = await startBenchFleet(folder, {
    checks: [...trials, ...blips],
    shop: shop.address,
  })
  const plan = { trials, blips, spreadMs: SPREAD_MS }
  const sections = await measureDetection(fleet, shop, { plan, progress })
  const versions = `Node ${process.versions.node}, ${availableParallelism()} processors, embedded database.`
  const text = ['# Detection, measured', INTRODUCTION, versions, ...sections].join('\n\n')
  process.stdout.write(`${text}\n`)
  if (!values['no-write'] && !values.quick) await writeFile(RESULTS, `${text}\n`)
} finally {
  shop.stop()
  await stopAll()
  await rm(folder, { recursive: true, force: true })
}
