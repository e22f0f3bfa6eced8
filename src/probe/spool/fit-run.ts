import type { Run } from '../../protocol/run.ts'

/** Most bytes of one run as JSON: two of these fit in a line, four in a batch. */
export const RUN_BYTES_MAX = 1024 * 1024

/** A run as it is kept, and the JSON that is it. */
export type FittedRun = { run: Run; json: string }

/** What can be done without, the first to go in front. */
const BULKY = [
  ['log', []],
  ['exchanges', []],
  ['facts', {}],
  ['assertions', []],
  ['steps', []],
] as const

/**
 * The run as JSON, without its bulkiest details when it is too large to be kept. Verdict, error and
 * times always stay.
 */
export function fitRun(run: Run): FittedRun {
  let fitted = run
  let json = JSON.stringify(fitted)
  for (const [detail, nothing] of BULKY) {
    if (Buffer.byteLength(json) <= RUN_BYTES_MAX) break
    if (fitted[detail] === undefined) continue
    fitted = { ...fitted, [detail]: nothing }
    json = JSON.stringify(fitted)
  }
  return { run: fitted, json }
}
