import { fstatSync } from 'node:fs'
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { LinePlace } from './read-segment.ts'

/** A new segment is begun when this one would grow larger. */
export const SEGMENT_BYTES_MAX = 1024 * 1024

/** Between writes and between syncs: an idle probe's run is durable at once, those of a busy one share. */
const PAUSE_MS = 20

export const segmentFile = (folder: string, segment: number) =>
  join(folder, `${String(segment).padStart(10, '0')}.journal`)

export const segmentOf = (file: string): number | undefined => {
  const match = /^(\d{10})\.journal$/.exec(file)
  return match ? Number(match[1]) : undefined
}

export type Place = LinePlace & { segment: number }

type Queued = { line: Buffer; resolve(place: Place): void; reject(error: unknown): void }

type Segment = { number: number; handle: FileHandle; bytes: number }

export type JournalWriterOptions = {
  folder: string
  firstSegment: number
  segmentBytesMax: number
  /** The line that each segment begins with. */
  header(): Buffer
  onSegment(segment: number, header: Buffer): void
}

/**
 * Appends lines to segments, and makes them durable.
 *
 * States: closed (no segment is open) → writing → (the segment is full → writing the next one)… →
 * closed. A write or sync that fails ends the segment: after a failed sync nobody knows what of it is
 * on the disk, and a later sync that succeeds would prove nothing.
 *
 * 1. Writes are serial and positional, and a little apart. Lines that gather meanwhile are written
 *    together. A write that failed half-way is overwritten or lies in a segment that was ended, so it damages at
 *    most the lines that it was to write.
 * 2. Syncs are serial too, beside the writes, and a little apart. Whoever asks meanwhile waits for the
 *    next one, and shares it: a busy probe pays one sync for many runs.
 */
export class JournalWriter {
  readonly #options: JournalWriterOptions
  #next: number
  #current: Segment | undefined
  /** Full, and not synced to their end yet. */
  #retired: Segment[] = []
  /** Lines that wait to be written. */
  #queue: Queued[] = []
  #writing: Promise<void> | undefined
  #syncing: Promise<void> = Promise.resolve()
  #nextSync: Promise<void> | undefined
  /** Segments with a sync that failed: what was written to them may be gone. */
  readonly #lost = new Set<number>()
  /** Until when the next write waits, and the next sync. */
  #writePause: Promise<void> = Promise.resolve()
  #syncPause: Promise<void> = Promise.resolve()
  #isClosing = false

  constructor(options: JournalWriterOptions) {
    this.#options = options
    this.#next = options.firstSegment
  }

  /** The segment that lines go to; undefined when there is none yet. */
  get segment(): number | undefined {
    return this.#current?.number
  }

  /** Resolves when the line is written; it is durable only after {@link sync}. */
  append(line: Buffer): Promise<Place> {
    const { promise, resolve, reject } = Promise.withResolvers<Place>()
    this.#queue.push({ line, resolve, reject })
    this.#writing ??= this.#writeQueue()
    return promise
  }

  /** Resolves when everything that was appended to the segment before is on the disk. */
  async sync(segment: number): Promise<void> {
    this.#nextSync ??= this.#syncing
      .catch(() => undefined)
      .then(() => this.#syncPause)
      .then(() => {
        this.#nextSync = undefined
        this.#syncing = this.#syncAll()
        return this.#syncing
      })
    await this.#nextSync
    // The sync that failed may have been the one before, which had our line and not our question.
    if (this.#lost.has(segment)) throw new Error(`segment ${segment} could not be synced`)
  }

  async close(): Promise<void> {
    this.#isClosing = true
    await this.#writing
    await this.#syncing.catch(() => undefined)
    await this.#syncAll().finally(() => this.#endSegment())
  }

  async #writeQueue(): Promise<void> {
    await this.#writePause
    while (this.#queue.length > 0) await this.#writeSome()
    if (!this.#isClosing) this.#writePause = wait(PAUSE_MS)
    this.#writing = undefined
  }

  /** Writes the lines that fit in the segment, at least one. Never throws: those who wait hear of it. */
  async #writeSome(): Promise<void> {
    const { segmentBytesMax } = this.#options
    const first = this.#queue[0]?.line.length ?? 0
    if (this.#current && this.#current.bytes + first > segmentBytesMax) {
      this.#retired.push(this.#current)
      this.#current = undefined
    }
    let batch: Queued[] = []
    let segment: Segment | undefined
    try {
      segment = this.#current ??= await this.#openSegment()
      batch = this.#takeFitting(segment)
      let offset = segment.bytes
      await writeAll(segment, Buffer.concat(batch.map(({ line }) => line)))
      for (const { line, resolve } of batch) {
        resolve({ segment: segment.number, offset: offset + 1, length: line.length - 2 })
        offset += line.length
      }
    } catch (error) {
      for (const { reject } of batch.length > 0 ? batch : this.#queue.splice(0, 1)) reject(error)
      if (!segment) return
      // Its earlier lines may still wait for their sync, which they get. Where even cutting off the
      // torn one fails, the reader skips it.
      await segment.handle.truncate(segment.bytes).catch(() => undefined)
      this.#retired.push(segment)
      this.#current = undefined
    }
  }

  #takeFitting({ bytes }: Segment): Queued[] {
    const { segmentBytesMax } = this.#options
    let end = bytes
    const beyond = this.#queue.findIndex(({ line }, index) => {
      end += line.length
      return index > 0 && end > segmentBytesMax
    })
    return this.#queue.splice(0, beyond === -1 ? this.#queue.length : beyond)
  }

  async #openSegment(): Promise<Segment> {
    const { folder, header, onSegment } = this.#options
    // Somebody may have cleared the folder away while we ran.
    await mkdir(folder, { recursive: true })
    const number = this.#next++
    const handle = await open(segmentFile(folder, number), 'wx')
    const segment = { number, handle, bytes: 0 }
    const firstLine = header()
    try {
      await writeAll(segment, firstLine)
      await syncFolder(folder)
    } catch (error) {
      await handle.close()
      await rm(segmentFile(folder, number), { force: true })
      throw error
    }
    onSegment(number, firstLine)
    return segment
  }

  async #syncAll(): Promise<void> {
    const retired = this.#retired
    this.#retired = []
    const current = this.#current
    try {
      for (const segment of retired) await segment.handle.datasync()
      await current?.handle.datasync()
      // A file that was deleted under us still takes what is written, and nobody will ever find it.
      if (current && fstatSync(current.handle.fd).nlink === 0)
        throw new Error(`segment ${current.number} was deleted by somebody else`)
    } catch (error) {
      for (const { number } of current ? [...retired, current] : retired) this.#lost.add(number)
      if (this.#current === current) await this.#endSegment()
      throw error
    } finally {
      if (!this.#isClosing) this.#syncPause = wait(PAUSE_MS)
      await Promise.all(retired.map((segment) => segment.handle.close()))
    }
  }

  async #endSegment(): Promise<void> {
    const segment = this.#current
    this.#current = undefined
    await segment?.handle.close()
  }
}

/** Moves the segment's end only when the whole line is written. */
async function writeAll(segment: Segment, line: Buffer): Promise<void> {
  let written = 0
  while (written < line.length) {
    const { bytesWritten } = await segment.handle.write(
      line,
      written,
      line.length - written,
      segment.bytes + written,
    )
    written += bytesWritten
  }
  segment.bytes += line.length
}

/** Makes names durable: a new file is lost with the power as long as its folder is not synced. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
