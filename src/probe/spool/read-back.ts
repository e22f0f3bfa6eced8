import { open } from 'node:fs/promises'
import { codeOf } from '../../base/app-error.ts'
import { openLine } from './journal-line.ts'
import { type Place, segmentFile } from './journal-writer.ts'

/** A run as it lies in the journal, ready to be sent. */
export type SpooledRun = { runId: string; json: string }

export type RunPlace = { runId: string; place: Place }

/** Reads runs back. Those whose line is gone or damaged are missing from the answer. */
export async function readBack(folder: string, places: readonly RunPlace[]): Promise<SpooledRun[]> {
  const runs: SpooledRun[] = []
  for (const [segment, inSegment] of Map.groupBy(places, ({ place }) => place.segment)) {
    const handle = await openSegment(segmentFile(folder, segment))
    if (!handle) continue
    try {
      for (const { runId, place } of inSegment) {
        const line = Buffer.alloc(place.length)
        await handle.read(line, 0, place.length, place.offset)
        const opened = openLine(line)
        if (opened) runs.push({ runId, json: opened.json })
      }
    } finally {
      await handle.close()
    }
  }
  return runs
}

/** Undefined when the file is gone; other errors may pass, and must not cost the runs in it. */
async function openSegment(file: string) {
  try {
    return await open(file, 'r')
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return undefined
    throw error
  }
}
