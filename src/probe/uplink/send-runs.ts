import { BATCH_BYTES_MAX, BATCH_RUNS_MAX, type IngestReceipt } from '../../protocol/probe-api.ts'
import type { SpooledRun } from '../spool/read-back.ts'
import type { Spool } from '../spool/spool.ts'
import { type CoordinatorClient, CoordinatorError } from './coordinator-client.ts'
import { type DrainLoop, type DrainParts, startDrainLoop } from './drain-loop.ts'

/** Room for what is around the runs in a batch. */
const ENVELOPE_BYTES = 1_024

/**
 * A busy probe records a run every few milliseconds; each alone would cost a request. Runs that did not
 * pass do not wait for that.
 */
const BATCH_EVERY_MS = 100

/** Answers that say that it is the batch's own fault; others may pass. */
const UNFIT = [400, 413, 422]

/** A run that is refused alone so often is taken out of the way. */
const ATTEMPTS_ALONE_MAX = 3

export type SendRunsParts = DrainParts & {
  spool: Spool
  client: CoordinatorClient
}

/**
 * Sends runs until the coordinator has confirmed each.
 *
 * While there is more than a batch can hold, it takes turns: the newest runs, then the oldest. What is
 * failing now must not wait behind an hour of history, and the history must arrive too, from its
 * beginning on.
 *
 * A batch that the coordinator finds unfit is halved until the run that is to blame is alone; that one
 * is set aside after a few attempts. Every other answer, a refused token included, only means "later".
 */
export function startSendingRuns(parts: SendRunsParts): DrainLoop {
  const { spool, client } = parts
  let runsMax = BATCH_RUNS_MAX
  let from: 'newest' | 'oldest' = 'newest'
  let attemptsAlone = 0

  async function sendBatch(signal: AbortSignal): Promise<boolean> {
    const bytesMax = BATCH_BYTES_MAX - ENVELOPE_BYTES
    const runs = await spool.unsent(from, { runsMax, bytesMax })
    if (runs.length === 0) return false
    try {
      await settle(runs, await client.sendRuns(runs, signal))
    } catch (error) {
      await handleUnfit(runs, error)
      return true
    }
    from = from === 'newest' ? 'oldest' : 'newest'
    runsMax = Math.min(BATCH_RUNS_MAX, runsMax * 2)
    attemptsAlone = 0
    return true
  }

  async function settle(runs: readonly SpooledRun[], receipt: IngestReceipt): Promise<void> {
    const sent = new Set(runs.map(({ runId }) => runId))
    const known = [...receipt.stored, ...receipt.duplicate].filter((runId) => sent.has(runId))
    await spool.acknowledge(known)
    for (const { index, reason } of receipt.rejected) {
      const run = runs[index]
      if (run) await spool.quarantine(run.runId, reason)
    }
    if (known.length + receipt.rejected.length === 0)
      throw new CoordinatorError('coordinator.refused', 'the receipt names none of the runs sent')
  }

  async function handleUnfit(runs: readonly SpooledRun[], error: unknown): Promise<void> {
    const status = error instanceof CoordinatorError ? error.status : undefined
    if (status === undefined || !UNFIT.includes(status)) throw error
    if (runs.length > 1) {
      runsMax = Math.ceil(runs.length / 2)
      return
    }
    attemptsAlone++
    if (attemptsAlone < ATTEMPTS_ALONE_MAX) throw error
    attemptsAlone = 0
    for (const { runId } of runs) await spool.quarantine(runId, `refused with ${status}`)
  }

  return startDrainLoop({ name: 'send runs', paceMs: BATCH_EVERY_MS }, sendBatch, parts)
}
