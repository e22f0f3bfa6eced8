import { closeSync, openSync, readSync } from 'node:fs'

const NS_PER_MS = 1_000_000
/** Three numbers of at most twenty digits each. */
const LINE_BYTES_MAX = 128

export type ProcessorWait = {
  /** Milliseconds that the measuring thread was ready to run and had no processor, since its start. */
  totalMs(): number | undefined
  close(): void
}

/**
 * How long the measuring thread waited for a processor, as Linux counts it
 * (https://docs.kernel.org/scheduler/sched-stats.html); elsewhere it is not known. The file is kept
 * open and read at once, which takes some 5 µs: a read that waited would itself be late.
 */
export function openProcessorWait(threadId: number): ProcessorWait {
  const file = openFile(`/proc/self/task/${threadId}/schedstat`)
  const line = Buffer.alloc(LINE_BYTES_MAX)
  return {
    totalMs: () => (file === undefined ? undefined : readWait(file, line)),
    close() {
      if (file !== undefined) closeSync(file)
    },
  }
}

function openFile(path: string): number | undefined {
  try {
    return openSync(path, 'r')
  } catch {
    // Another system, or a kernel that does not count: nothing is known then, which is no fault.
    return undefined
  }
}

function readWait(file: number, line: Buffer): number | undefined {
  const bytes = readSync(file, line, 0, line.length, 0)
  const [, waited] = line.toString('latin1', 0, bytes).split(' ')
  const ns = Number(waited)
  return Number.isFinite(ns) ? ns / NS_PER_MS : undefined
}
