import type { Run } from '../../protocol/run.ts'

/** Most bytes of one run as JSON: two of these fit in a line, four in a batch. */
export const RUN_BYTES_MAX = 1024 * 1024

/**
 * The run, without its bulkiest details when it is too large to be kept. Verdict, error and times
 * always stay.
 */
export function fitRun(run: Run): Run {
  let fitted = run
  for (const less of [{ log: [] }, { facts: {} }, { assertions: [] }, { steps: [] }]) {
    if (Buffer.byteLength(JSON.stringify(fitted)) <= RUN_BYTES_MAX) return fitted
    fitted = { ...fitted, ...less }
  }
  return fitted
}
