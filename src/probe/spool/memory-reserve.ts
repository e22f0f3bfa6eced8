import type { FittedRun } from './fit-run.ts'
import type { SpooledRun } from './read-back.ts'

/** Minutes of a busy probe, and a few megabytes: enough for somebody to clear the disk. */
const RESERVE_RUNS_MAX = 1_000
const RESERVE_BYTES_MAX = 8 * 1024 * 1024

/** Runs that the disk did not take, oldest first. They are lost if the process dies. */
export class MemoryReserve {
  readonly #runs = new Map<string, FittedRun & { bytes: number }>()
  #bytes = 0

  get count(): number {
    return this.#runs.size
  }

  /** Keeps a run. Gives how many others had to go for it. */
  add({ run, json }: FittedRun): number {
    const bytes = Buffer.byteLength(json)
    this.remove(run.runId)
    this.#runs.set(run.runId, { run, json, bytes })
    this.#bytes += bytes
    let dropped = 0
    for (const runId of this.#runs.keys()) {
      if (this.#runs.size <= RESERVE_RUNS_MAX && this.#bytes <= RESERVE_BYTES_MAX) break
      this.remove(runId)
      dropped++
    }
    return dropped
  }

  has(runId: string): boolean {
    return this.#runs.has(runId)
  }

  remove(runId: string): void {
    this.#bytes -= this.#runs.get(runId)?.bytes ?? 0
    this.#runs.delete(runId)
  }

  /** The runs, to be written; they stay here until they are removed. */
  take(): FittedRun[] {
    return [...this.#runs.values()]
  }

  /** The newest runs as they are sent. */
  runs(countMax: number): SpooledRun[] {
    return [...this.#runs.values()]
      .slice(-countMax)
      .map(({ run, json }) => ({ runId: run.runId, json }))
  }
}
