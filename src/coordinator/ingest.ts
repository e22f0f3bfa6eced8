import type { z } from 'zod'
import { AppError } from '../base/app-error.ts'
import { laterMediaType } from '../protocol/later-artifact.ts'
import {
  ARTIFACT_BYTES_MAX,
  type IngestEnvelope,
  type IngestReceipt,
} from '../protocol/probe-api.ts'
import { Run } from '../protocol/run.ts'
import type { ProbeScope } from './access/caller.ts'
import type { ArtifactSize } from './artifact-folder.ts'
import type { CoordinatorParts } from './coordinator-parts.ts'
import { keepRuns, tellOfRuns } from './keep-runs.ts'
import { findArtifact, saveArtifact } from './store/artifacts.ts'
import { removedChecks } from './store/checks.ts'
import { hearRegion } from './store/probes.ts'
import { findRun } from './store/runs.ts'

/**
 * Stores a batch of runs, once each however often it is sent.
 *
 * Whatever is listed in the receipt is committed (or will never be stored), so the probe may forget
 * it. Judging the runs is the work of a loop: a busy alert must not make probes wait.
 */
export async function ingestRuns(
  parts: CoordinatorParts,
  batch: z.infer<typeof IngestEnvelope>,
  scope: ProbeScope | undefined,
): Promise<IngestReceipt> {
  const { store, clock, metrics } = parts
  const mayRun = scope && (await checksOfRegion(parts, scope.regionId))
  const { runs, rejected } = parseRuns(batch, mayRun)
  const now = clock.now()

  const stored = await store.transaction(async (tx) => {
    const ids = await keepRuns(tx, runs, now)
    await hearRegion(tx, batch.regionId, now)
    return ids
  })

  const fresh = runs.filter((run) => stored.has(run.runId))
  const duplicate = runs.filter((run) => !stored.has(run.runId))
  tellOfRuns(parts, fresh, now)
  metrics.runsIngested('duplicate', duplicate.length)
  metrics.runsIngested('rejected', rejected.length)
  return {
    stored: fresh.map((run) => run.runId),
    duplicate: duplicate.map((run) => run.runId),
    rejected,
  }
}

/** Checks that a region's probes were ever given: what they recorded before one was removed is history. */
async function checksOfRegion(
  { store, fleet }: CoordinatorParts,
  regionId: string,
): Promise<Set<string>> {
  const known = [...fleet.checks, ...(await removedChecks(store))]
  return new Set(known.filter(({ regions }) => regions.includes(regionId)).map(({ id }) => id))
}

function parseRuns(
  batch: z.infer<typeof IngestEnvelope>,
  mayRun: Set<string> | undefined,
): {
  runs: Run[]
  rejected: IngestReceipt['rejected']
} {
  const runs = new Map<string, Run>()
  const rejected: IngestReceipt['rejected'] = []
  for (const [index, raw] of batch.runs.entries()) {
    const parsed = Run.safeParse(raw)
    if (!parsed.success) {
      const issue = parsed.error.issues[0]
      rejected.push({ index, reason: `${issue?.path.join('.')}: ${issue?.message}` })
    } else if (parsed.data.regionId !== batch.regionId) {
      const reason = `regionId: the batch is of ${batch.regionId}`
      rejected.push({ index, runId: parsed.data.runId, reason })
    } else if (mayRun && !mayRun.has(parsed.data.checkId)) {
      const reason = `checkId: ${parsed.data.checkId} is not of ${batch.regionId}`
      rejected.push({ index, runId: parsed.data.runId, reason })
    } else if (mayRun && parsed.data.probeId !== batch.probeId) {
      const reason = `probeId: the batch is of ${batch.probeId}`
      rejected.push({ index, runId: parsed.data.runId, reason })
    } else {
      runs.set(parsed.data.runId, parsed.data)
    }
  }
  return { runs: [...runs.values()], rejected }
}

/**
 * Keeps a file of a run that was ingested before and announced it, and tells open pages. A file that
 * is there already stays.
 *
 * @throws {AppError} `run.unknown`, or `artifact.refused` when the run announced no such file or
 * another size; one that was announced by its name alone may have up to {@link ARTIFACT_BYTES_MAX}.
 */
export async function storeArtifact(
  { store, artifacts, clock, feed }: CoordinatorParts,
  { runId, name }: { runId: string; name: string },
  content: AsyncIterable<Buffer>,
  scope: ProbeScope | undefined,
): Promise<void> {
  const found = await findRun(store, runId)
  // A run of another probe is as unknown to this one as none.
  const isTheirs = !scope || found?.run.probeId === scope.probeId
  if (!found || !isTheirs) throw new AppError('run.unknown', runId)
  const announced = announcedFile(found.run, name)
  if (!announced) throw new AppError('artifact.refused', `the run announced no ${name}`)
  if (await findArtifact(store, runId, name)) return
  const bytes = await artifacts.write(runId, name, content, announced.size)
  await saveArtifact(store, { runId, name, mediaType: announced.mediaType, bytes }, clock.now())
  feed.publish([{ type: 'artifact', runId, name }])
}

function announcedFile(
  run: Run,
  name: string,
): { mediaType: string; size: ArtifactSize } | undefined {
  const exact = run.artifacts.find((artifact) => artifact.name === name)
  if (exact)
    return { mediaType: exact.mediaType, size: { bytesMin: exact.bytes, bytesMax: exact.bytes } }
  const mediaType = laterMediaType(name)
  if (mediaType === undefined || !run.laterArtifacts?.includes(name)) return undefined
  return { mediaType, size: { bytesMin: 1, bytesMax: ARTIFACT_BYTES_MAX } }
}
