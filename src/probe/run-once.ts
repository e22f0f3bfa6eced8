import { randomUUID } from 'node:crypto'
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assert } from '../base/assert.ts'
import type { Clock } from '../base/clock.ts'
import type { ProbedCheck } from '../protocol/check.ts'
import type { RegionNetwork } from '../protocol/config.ts'
import { isTestFile } from '../protocol/kinds/journey.ts'
import type { Run } from '../protocol/run.ts'
import { type Environment, readEnvironment } from '../runtime/environment.ts'
import { createLifecycle } from '../runtime/lifecycle.ts'
import type { Logger } from '../runtime/logger.ts'
import { ConnectToVariable } from './connect-to.ts'
import { createDiagnoser } from './diagnose/diagnose.ts'
import { type ExecutedRun, type ExecuteParts, executeRun } from './execute-run.ts'
import { createJourneyHosts, type JourneyHostsParts } from './journey/journey-hosts.ts'
import { createUplinkJudge } from './judge-uplink.ts'
import { policyNamed } from './network/address-policy.ts'
import { createDomainRegistry } from './network/domain-registration.ts'
import { createTokenCache } from './network/token-cache.ts'
import { createUplinkReferences } from './network/uplink-references.ts'
import { noJourneyHosts } from './no-journey-hosts.ts'
import { watchQuality } from './quality.ts'
import { createSecrets } from './secrets/secrets.ts'

/** Runs whose files are kept, of one series: nobody looks at more, and those that passed only to compare. */
export const KEPT_RUNS_MAX = { notPassed: 20, passed: 5 } as const

export type RunOnceOptions = {
  /** The folder that the `script` of a journey check is relative to. */
  probesFolder: string
  regionId: string
  /** What the region may connect to and knows its network by; as a region that says nothing when absent. */
  network?: RegionNetwork | undefined
  /** Holds the secrets of checks, `FIREWATCH_CONNECT_TO` and `FIREWATCH_CHROMIUM`. */
  environment: Environment
  /** Where screenshots are put; made anew, so that it has those of this run only. */
  artifactsFolder: string
  /** How the browser of a journey is shown and recorded; without a window, and not, when absent. */
  browser?: Pick<JourneyHostsParts, 'isHeaded' | 'slowMoMs' | 'isDebugged' | 'recorded'>
  /** Ends the run early. */
  signal: AbortSignal
  clock: Clock
  logger: Logger
}

/** Runs a check here and now, once, as a probe would, without coordinator and without a spool. */
export async function runOnce(check: ProbedCheck, options: RunOnceOptions): Promise<Run> {
  let last: Run | undefined
  await runRepeatedly(check, { ...options, times: 1, onRun: (run) => (last = run) })
  assert(last, 'one run was asked for')
  return last
}

export type RepeatOptions = RunOnceOptions & {
  times: number
  /** Told of each run as it ends, and of the folder with its files, if any were kept. */
  onRun(run: Run, filesFolder?: string): void
}

/**
 * The same several times, one run after the other and with one warm browser; ends early when the signal
 * aborts. Of several runs, the first that did not pass have their files kept, and the first few that did,
 * each in a folder of its own.
 */
export async function runRepeatedly(check: ProbedCheck, options: RepeatOptions): Promise<void> {
  const { probesFolder, environment, clock, logger, artifactsFolder, network } = options
  const { FIREWATCH_CONNECT_TO: connectTo } = readEnvironment(
    { FIREWATCH_CONNECT_TO: ConnectToVariable },
    environment,
  )
  const lifecycle = createLifecycle(logger)
  try {
    const tempFolder = await mkdtemp(join(tmpdir(), 'firewatch-run-'))
    lifecycle.onStop('temporary folder', () => rm(tempFolder, { recursive: true, force: true }))
    const quality = watchQuality(clock)
    lifecycle.onStop('quality monitor', () => quality.stop())
    const journeyHosts =
      check.kind === 'journey'
        ? createJourneyHosts({
            count: 1,
            probesFolder,
            environment,
            connectTo,
            logger,
            clock,
            tempFolder,
            isCold: isTestFile(check.script),
            ...options.browser,
          })
        : noJourneyHosts
    lifecycle.onStop('journey hosts', () => journeyHosts.stop())
    const secrets = createSecrets({ environment, clock, logger })
    lifecycle.onStop('secrets', () => secrets.stop())
    const policy = policyNamed(network?.policy)
    const references = createUplinkReferences({ clock, references: () => network?.references })
    const parts: ExecuteParts = {
      clock,
      regionId: options.regionId,
      probeId: `${options.regionId}-here`,
      connectTo,
      policy,
      uplink: createUplinkJudge(references, () => undefined),
      diagnoser: createDiagnoser({
        clock,
        connectTo,
        policy,
        stopSignal: options.signal,
        resolvers: () => network?.references.resolvers ?? [],
        onSkipped: () => undefined,
      }),
      tokens: createTokenCache(),
      domains: createDomainRegistry(),
      secret: secrets.get,
      prepareSecrets: secrets.prepare,
      journeyHosts,
      quality,
      tempFolder,
      stopSignal: options.signal,
    }
    await rm(artifactsFolder, { recursive: true, force: true })
    const left = { ...KEPT_RUNS_MAX } as Record<keyof typeof KEPT_RUNS_MAX, number>
    for (let i = 0; i < options.times && (i === 0 || !options.signal.aborted); i++) {
      const now = clock.now()
      const executed = await executeRun(
        check,
        { runId: randomUUID(), slotAt: now, startedAt: now },
        parts,
      )
      const end = executed.run.verdict === 'passed' ? 'passed' : 'notPassed'
      const folder = options.times === 1 ? artifactsFolder : join(artifactsFolder, `run-${i + 1}`)
      const hasFiles = left[end] > 0 && (await saveArtifacts(executed, folder))
      if (hasFiles) left[end]--
      // What is not kept must not fill the disk until the series is over.
      for (const { path } of executed.artifacts) await rm(path, { force: true })
      options.onRun(executed.run, hasFiles ? folder : undefined)
    }
  } finally {
    await lifecycle.stop()
  }
}

/** @returns whether there were any. */
async function saveArtifacts({ artifacts }: ExecutedRun, folder: string): Promise<boolean> {
  if (artifacts.length === 0) return false
  await mkdir(folder, { recursive: true })
  for (const { path, name } of artifacts) await copyFile(path, join(folder, name))
  return true
}
