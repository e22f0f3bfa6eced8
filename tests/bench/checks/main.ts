import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { stopAll } from '../child-processes.ts'
import { startBenchTarget } from './bench-target.ts'
import { installBlackbox, startBlackbox } from './blackbox.ts'
import { measureCapacity } from './capacity.ts'
import { measureCost } from './cost.ts'
import { delayedNetworkProblem, startDelayedNetwork } from './delayed-network.ts'
import { CAPACITY, COST, INTRODUCTION, TIMING } from './texts.ts'
import { measureTimingTruth } from './timing-truth.ts'

/**
 * Figures of network checks, all from one run on one machine: how true the published times are, what a
 * check costs, and how many one probe can do. Writes them to `tests/bench/checks.md`.
 */

const RESULTS = join(import.meta.dirname, '../checks.md')
/** Where both tools can be made to agree on one key exchange: the one that the older of them knows. */
const KEY_EXCHANGE = 'X25519'
const MODERN_KEY_EXCHANGE = 'X25519MLKEM768'

const SAMPLES = 300
const SAMPLES_QUICK = 60

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    /** Leave the file of results as it is. */
    'no-write': { type: 'boolean', default: false },
  },
})
const isWanted = (part: string) => values.only?.includes(part) ?? true
const progress = (line: string) => void process.stderr.write(`${line}\n`)

// What fails outside of any promise would leave the children behind.
process.on('uncaughtException', async (error) => {
  process.stderr.write(`${error.stack}\n`)
  await stopAll()
  process.exit(1)
})

const folder = await mkdtemp(join(tmpdir(), 'firewatch-bench-'))
try {
  const notes: string[] = []
  const target = await startBenchTarget(KEY_EXCHANGE)
  const modern = await startBenchTarget(MODERN_KEY_EXCHANGE)
  const caFile = join(folder, 'authority.pem')
  await writeFile(caFile, target.authority)

  const missing = await installBlackbox()
  const blackbox = missing ? undefined : await startBlackbox(folder, caFile, 9_915)
  if (missing) notes.push(`Not compared: ${missing}.`)
  const noNetwork = isWanted('timing') ? await delayedNetworkProblem() : undefined
  if (noNetwork) notes.push(`The phase connect is left out: ${noNetwork}.`)

  const sections: string[] = []
  if (isWanted('timing')) {
    const network = noNetwork ? undefined : await startDelayedNetwork()
    try {
      const samples = values.quick ? SAMPLES_QUICK : SAMPLES
      notes.push(`${samples} samples of each phase, tool and load.`)
      const processors = availableParallelism()
      const timing = await measureTimingTruth({
        target,
        blackbox,
        network,
        samples,
        processors,
        progress,
      })
      sections.push(TIMING, timing)
    } finally {
      await network?.stop()
    }
  }
  if (isWanted('cost')) {
    const cost = await measureCost({
      target,
      blackbox,
      folder,
      forMs: values.quick ? 10_000 : 40_000,
      keyExchange: KEY_EXCHANGE,
      modern: { target: modern, keyExchange: MODERN_KEY_EXCHANGE },
      progress,
    })
    sections.push(COST, cost)
  }
  if (isWanted('capacity')) {
    const forMs = values.quick ? 20_000 : 120_000
    sections.push(CAPACITY, await measureCapacity({ target, folder, forMs, progress }))
  }

  const versions = `Node ${process.versions.node} (OpenSSL ${process.versions.openssl}), blackbox_exporter ${blackbox?.version ?? 'absent'}, ${availableParallelism()} processors.`
  const text = ['# Network checks, measured', INTRODUCTION, versions, ...notes, ...sections].join(
    '\n\n',
  )
  process.stdout.write(`${text}\n`)
  if (!values['no-write'] && !values.only) await writeFile(RESULTS, `${text}\n`)
} finally {
  await stopAll()
  await rm(folder, { recursive: true, force: true })
}
