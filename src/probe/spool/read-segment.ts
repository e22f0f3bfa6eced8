import { createReadStream } from 'node:fs'
import { type JournalRecord, LINE_BYTES_MAX, parseLine } from './journal-line.ts'

const LINE_FEED = 0x0a

/** Where a line lies; without its line feeds. */
export type LinePlace = { offset: number; length: number }

/** A record and its place, or a line that cannot be read. */
export type ReadLine = { record: JournalRecord | undefined; place: LinePlace }

/**
 * Reads a segment line by line, in pieces, from wherever its writer was killed: a torn last line
 * is a damaged line like any other. What lies behind a damaged line is read as if nothing was.
 */
export async function* readSegment(file: string): AsyncGenerator<ReadLine> {
  let pieces: Buffer[] = []
  let length = 0
  let offset = 0

  function* lineEnds(): Generator<ReadLine> {
    if (length > 0) {
      const isReadable = length <= LINE_BYTES_MAX
      const record = isReadable ? parseLine(Buffer.concat(pieces)) : undefined
      yield { record, place: { offset, length } }
    }
    offset += length + 1
    pieces = []
    length = 0
  }

  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    let start = 0
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      add(chunk.subarray(start, end))
      yield* lineEnds()
      start = end + 1
    }
    add(chunk.subarray(start))
  }
  yield* lineEnds()

  function add(piece: Buffer): void {
    length += piece.length
    // A line without an end must not fill the memory.
    if (length <= LINE_BYTES_MAX) pieces.push(piece)
    else pieces = []
  }
}
