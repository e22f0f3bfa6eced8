/** Some seconds of a busy probe: what is sent at once need not be read back from the disk. */
const RECENT_BYTES_MAX = 4 * 1024 * 1024

/** Runs as they lie in the journal, the latest ones, kept in memory as well until they are sent. */
export class RecentRuns {
  readonly #json = new Map<string, string>()
  #bytes = 0

  add(runId: string, json: string): void {
    this.remove(runId)
    this.#json.set(runId, json)
    this.#bytes += json.length
    for (const oldest of this.#json.keys()) {
      if (this.#bytes <= RECENT_BYTES_MAX) break
      this.remove(oldest)
    }
  }

  find(runId: string): string | undefined {
    return this.#json.get(runId)
  }

  remove(runId: string): void {
    this.#bytes -= this.#json.get(runId)?.length ?? 0
    this.#json.delete(runId)
  }
}
