import { readdir } from 'node:fs/promises'
import { segmentFile, segmentOf } from './journal-writer.ts'
import { readSegment } from './read-segment.ts'
import { SpoolIndex } from './spool-index.ts'

export type RecoveredJournal = {
  index: SpoolIndex
  lastSegment: number
  damagedRecords: number
}

/**
 * Reads what earlier processes left, a line at a time, oldest first. It reads whatever is there:
 * damaged lines are counted and skipped.
 */
export async function recoverJournal(folder: string): Promise<RecoveredJournal> {
  const index = new SpoolIndex()
  let damagedRecords = 0
  const segments = (await readdir(folder)).flatMap((file) => segmentOf(file) ?? [])
  for (const segment of segments.sort((a, b) => a - b)) {
    index.addSegment(segment)
    for await (const { record, place } of readSegment(segmentFile(folder, segment))) {
      if (record) {
        index.apply(record, { segment, ...place })
      } else {
        damagedRecords++
        index.addBytes(segment, place.length)
      }
    }
  }
  return { index, lastSegment: segments.at(-1) ?? 0, damagedRecords }
}
