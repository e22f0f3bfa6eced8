import { defineLoop } from '../../runtime/loop.ts'
import type { CoordinatorParts } from '../coordinator-parts.ts'
import {
  artifactBytes,
  forgetArtifact,
  oldestArtifacts,
  type StoredArtifact,
} from '../store/artifacts.ts'
import { forgetChanges } from '../store/changes.ts'
import { forgetCredentials } from '../store/credentials.ts'
import { forgetDeeds } from '../store/deeds.ts'
import { forgetHandOffs } from '../store/hand-offs.ts'
import { forgetHistory as forgetRows } from '../store/history.ts'
import { forgetOnCallChanges } from '../store/on-call-changes.ts'
import { forgetDeliveries } from '../store/outbox.ts'
import { forgetAttempts } from '../store/sign-in-attempts.ts'
import { forgetSignals } from '../store/signals.ts'
import { forgetReports } from '../store/user-reports.ts'

/** Rows or files of one pass. */
const PER_PASS_MAX = 500

const DAY_MS = 86_400_000
/** Sessions and tokens that are over are shown for a while. */
const CREDENTIALS_KEPT_MS = 30 * DAY_MS
/** The audit log, whichever comes first: as long as audits ask for, and some 100 MB. */
const DEEDS_KEPT_MS = 400 * DAY_MS
const DEEDS_MAX = 200_000

/** Keeps the store within its bounds: the oldest goes first, artifacts by age and by space. */
export const forgetHistory = defineLoop<CoordinatorParts>({
  name: 'forget-history',
  everyMs: 60_000,
  deadlineMs: 50_000,
  async run(parts, signal) {
    const { store, clock, limits, logger } = parts
    const now = clock.now()

    const aged = await oldestArtifacts(store, {
      limit: PER_PASS_MAX,
      storedBefore: now - limits.artifactsKeptMs,
    })
    await forgetArtifacts(parts, aged, signal)

    let excess = (await artifactBytes(store)) - limits.artifactBytesMax
    if (excess > 0) {
      const oldest = await oldestArtifacts(store, { limit: PER_PASS_MAX })
      const tooMuch = oldest.filter((artifact) => {
        const mustGo = excess > 0
        excess -= artifact.bytes
        return mustGo
      })
      await forgetArtifacts(parts, tooMuch, signal)
      logger.warn({ artifacts: tooMuch.length }, 'artifacts exceed their space; the oldest went')
    }

    const old = { before: now - limits.historyKeptMs, limit: PER_PASS_MAX }
    const rows = await forgetRows(store, old)
    await forgetSignals(store, old)
    await forgetChanges(store, old)
    await forgetReports(store, old)
    await forgetCredentials(store, { before: now - CREDENTIALS_KEPT_MS, limit: PER_PASS_MAX })
    await forgetAttempts(store, now - CREDENTIALS_KEPT_MS)
    await forgetDeeds(store, {
      before: now - DEEDS_KEPT_MS,
      keep: DEEDS_MAX,
      limit: PER_PASS_MAX,
    })
    await forgetOnCallChanges(store, old)
    await forgetHandOffs(store, old)
    await forgetDeliveries(store, old)
    if (rows > 0) logger.info({ rows }, 'old runs and slots were deleted')
  },
})

async function forgetArtifacts(
  { store, artifacts, metrics }: CoordinatorParts,
  doomed: StoredArtifact[],
  signal: AbortSignal,
): Promise<void> {
  for (const artifact of doomed) {
    signal.throwIfAborted()
    // The file first: a row without a file would promise what is not there, a file without a row
    // only wastes space if we die in between.
    await artifacts.remove(artifact.runId, artifact.name)
    await forgetArtifact(store, artifact.runId, artifact.name)
  }
  if (doomed.length > 0) metrics.artifactsForgotten(doomed.length)
}
