import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError, messageOf } from '../../base/app-error.ts'
import { assert } from '../../base/assert.ts'
import { laterMediaType } from '../../protocol/later-artifact.ts'
import type { Artifact, Run } from '../../protocol/run.ts'
import type { Logger } from '../../runtime/logger.ts'
import type { ArtifactFile } from '../checks/check-runner.ts'
import { ArtifactFolder, type KeptArtifact } from './artifact-folder.ts'
import { chooseWithin } from './choose-within.ts'
import { type FittedRun, fitRun } from './fit-run.ts'
import { lockFolder } from './folder-lock.ts'
import { type Begun, begunLine, doneLine, runLine, slotsLine } from './journal-line.ts'
import { JournalWriter, SEGMENT_BYTES_MAX, segmentFile } from './journal-writer.ts'
import { MemoryReserve } from './memory-reserve.ts'
import { keepRefused } from './quarantine.ts'
import { type RunPlace, readBack, type SpooledRun } from './read-back.ts'
import { RecentRuns } from './recent-runs.ts'
import { type RecoveredJournal, recoverJournal } from './recover-journal.ts'
import type { SpoolIndex } from './spool-index.ts'

export type SpoolOptions = {
  folder: string
  /** Journal and artifacts together. */
  bytesMax: number
  /** For tests: a segment's size, see `journal-writer.ts`. */
  segmentBytesMax?: number
  logger: Logger
  /** Something waits to be sent; `urgent` when it says that something is wrong. */
  onWork?(how?: 'urgent'): void
}

export type SpoolCounts = {
  /** Runs that wait to be sent, those in memory included. */
  runs: number
  bytes: number
  droppedRuns: number
  droppedArtifacts: number
  damagedRecords: number
  refusedRuns: number
  /** Writes that failed, since the start. */
  writeFailures: number
}

/**
 * Runs on this machine's disk that the coordinator does not have yet.
 *
 * States of the spool: opening (reads all segments) → open → closed. While writes fail (the disk is
 * full) it stays open, and keeps runs in a bounded memory reserve until a write succeeds.
 *
 * States of a run: begun → recorded → acknowledged → forgotten. `begin()` is on its way to the disk
 * when the run starts; `record()` resolves when the run would survive the machine's sudden death;
 * `acknowledge()` may be lost, then the run is sent twice, which the coordinator expects. A run that
 * began and was not recorded when the process died is found as `interrupted` at the next start.
 */
export class Spool {
  readonly #options: SpoolOptions
  readonly #index: SpoolIndex
  readonly #artifacts: ArtifactFolder
  readonly #journal: JournalWriter
  readonly #lock: { release(): void }
  readonly #reserve = new MemoryReserve()
  readonly #recent = new RecentRuns()
  readonly #counts = {
    droppedRuns: 0,
    droppedArtifacts: 0,
    damagedRecords: 0,
    refusedRuns: 0,
    writeFailures: 0,
  }
  #isFailing = false
  #isClosed = false
  /** Runs that an earlier process began and did not record. Whoever opens the spool records them. */
  readonly interrupted: readonly Begun[]

  private constructor(
    options: SpoolOptions,
    found: RecoveredJournal & { artifacts: ArtifactFolder; lock: { release(): void } },
  ) {
    this.#options = options
    this.#index = found.index
    this.#artifacts = found.artifacts
    this.#lock = found.lock
    this.#counts.damagedRecords = found.damagedRecords
    this.interrupted = found.index.begun
    this.#journal = new JournalWriter({
      folder: options.folder,
      firstSegment: found.lastSegment + 1,
      segmentBytesMax: options.segmentBytesMax ?? SEGMENT_BYTES_MAX,
      header: () => slotsLine(this.#index.recentSlots()),
      onSegment: (segment, header) => this.#index.addBytes(segment, header.length),
    })
  }

  /**
   * Opens the spool, in whatever state the last process left it.
   *
   * @throws {AppError} `spool.unusable` when the folder cannot be used at all.
   */
  static async open(options: SpoolOptions): Promise<Spool> {
    const { folder } = options
    let lock: { release(): void } | undefined
    try {
      await mkdir(folder, { recursive: true })
      lock = lockFolder(folder)
      const recovered = await recoverJournal(folder)
      const { index } = recovered
      index.stopAwaitingAll()
      const artifacts = await ArtifactFolder.open(join(folder, 'artifacts'), (runId, name) =>
        announcedKind(index, runId, name),
      )
      // Acknowledged, and the last file was uploaded just before the process died.
      for (const runId of index.uploading)
        if (artifacts.of(runId).length === 0) index.finishUpload(runId)
      return new Spool(options, { ...recovered, artifacts, lock })
    } catch (cause) {
      lock?.release()
      if (cause instanceof AppError) throw cause
      throw new AppError('spool.unusable', `the spool in ${folder} cannot be used`, { cause })
    }
  }

  get counts(): SpoolCounts {
    return {
      ...this.#counts,
      runs: this.#index.unsentCount + this.#reserve.count,
      bytes: this.#index.bytes + this.#artifacts.bytes,
    }
  }

  /** The latest slot of each check that was begun or recorded, by this process or earlier ones. */
  get lastSlots(): ReadonlyMap<string, number> {
    return this.#index.lastSlots
  }

  /** Notes that a run begins; resolves when that is written. A failure to write is no reason not to run. */
  async begin(begun: Begun): Promise<void> {
    try {
      const place = await this.#journal.append(begunLine(begun))
      this.#index.apply({ type: 'begun', begun }, place)
    } catch (error) {
      this.#writeFailed(error)
    }
  }

  /**
   * Keeps a run and takes its files. `disk` means that it survives whatever happens to this process
   * and machine; `memory` that the disk did not take it and it is in the reserve.
   */
  async record(run: Run, files: readonly ArtifactFile[] = []): Promise<'disk' | 'memory'> {
    assert(!this.#isClosed, 'who records runs stops before the spool is closed')
    const artifacts = await this.#artifacts.keep(run.runId, files)
    this.#counts.droppedArtifacts += files.length - artifacts.length
    const isOnDisk = await this.#write(fitRun({ ...run, artifacts }))
    if (isOnDisk) {
      await this.#emptyReserve()
      await this.#makeRoom()
    }
    this.#options.onWork?.(run.verdict === 'passed' ? undefined : 'urgent')
    return isOnDisk ? 'disk' : 'memory'
  }

  /**
   * Takes the files that a run announced for later; once for each run that announced any, also when none
   * came of it. A run that is not here any more (it was dropped to make room, or refused) has no use for
   * them. After the death of the process in between, they never come.
   */
  async attach(runId: string, files: readonly ArtifactFile[]): Promise<void> {
    assert(!this.#isClosed, 'who makes files stops before the spool is closed')
    const announced = this.#index.laterArtifactsOf(runId)
    const wanted = files.filter(({ name }) => announced.includes(name))
    const kept = await this.#artifacts.keep(runId, wanted)
    this.#counts.droppedArtifacts += files.length - kept.length
    for (const { path } of files) await rm(path, { force: true })
    if (!this.#index.isHeld(runId))
      for (const file of this.#artifacts.of(runId)) await this.#artifacts.remove(file)
    this.#index.stopAwaiting(runId)
    await this.#finishUploadIfDone(runId)
    await this.#makeRoom()
    await this.#deleteSegments()
  }

  /** Runs that wait to be sent, oldest first, at least one when there is any. */
  async unsent(
    from: 'oldest' | 'newest',
    limits: { runsMax: number; bytesMax: number },
  ): Promise<SpooledRun[]> {
    // Those in memory are the newest, and the ones most in danger.
    const inMemory = this.#reserve.runs(limits.runsMax)
    const onDisk = this.#index
      .unsent(from, limits.runsMax - inMemory.length)
      .filter(({ runId }) => !this.#reserve.has(runId))
    const candidates = [
      ...onDisk.map(({ runId, place }) => ({ runId, place, bytes: place.length })),
      ...inMemory.map((run) => ({ ...run, bytes: Buffer.byteLength(run.json) })),
    ]
    const chosen = chooseWithin(candidates, from, limits.bytesMax)
    const runs: SpooledRun[] = await this.#readBack(chosen.filter((run) => 'place' in run))
    for (const run of chosen) if ('json' in run) runs.push({ runId: run.runId, json: run.json })
    return runs
  }

  /** The coordinator has these runs, or will never take them. */
  async acknowledge(runIds: readonly string[]): Promise<void> {
    for (const runId of runIds) {
      this.#reserve.remove(runId)
      this.#recent.remove(runId)
    }
    const known = runIds.filter((runId) => this.#index.isUnsent(runId))
    // The disk never had these runs, so after a restart nobody would know their files.
    for (const runId of runIds)
      if (!known.includes(runId))
        for (const file of this.#artifacts.of(runId)) await this.#artifacts.remove(file)
    if (known.length === 0) return
    try {
      const place = await this.#journal.append(doneLine(known))
      this.#index.apply({ type: 'done', runIds: known }, place)
    } catch (error) {
      // They would be sent again after a restart, which does no harm.
      for (const runId of known) this.#index.acknowledge(runId)
      this.#writeFailed(error)
    }
    for (const runId of known) await this.#finishUploadIfDone(runId)
    await this.#deleteSegments()
  }

  /** Keeps a run that the coordinator refused for good where a person can look at it. */
  async quarantine(runId: string, reason: string): Promise<void> {
    this.#counts.refusedRuns++
    this.#options.logger.warn({ runId, reason }, 'the coordinator refused a run')
    const place = this.#index.placeOf(runId)
    const [run] = place ? await this.#readBack([{ runId, place }]) : []
    try {
      if (run) await keepRefused(this.#options.folder, { reason, json: run.json })
    } catch (error) {
      this.#writeFailed(error)
    }
    for (const file of this.#artifacts.of(runId)) await this.#artifacts.remove(file)
    await this.acknowledge([runId])
  }

  /** The oldest artifact whose run the coordinator has. */
  nextArtifact(): KeptArtifact | undefined {
    for (const file of this.#artifacts) if (this.#index.isUploading(file.runId)) return file
    return undefined
  }

  /** The artifact was uploaded, or never will be. */
  async finishArtifact(file: KeptArtifact, end: 'uploaded' | 'dropped'): Promise<void> {
    if (end === 'dropped') this.#counts.droppedArtifacts++
    await this.#artifacts.remove(file)
    await this.#finishUploadIfDone(file.runId)
    await this.#deleteSegments()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    try {
      await this.#journal.close()
    } catch (error) {
      this.#writeFailed(error)
    }
    this.#lock.release()
  }

  async #write(fitted: FittedRun): Promise<boolean> {
    const { run, json } = fitted
    try {
      const place = await this.#journal.append(runLine(json))
      // At once, so that the segment is held: others may be deleted while we wait for the sync.
      this.#index.apply({ type: 'run', run }, place)
      // It may be sent from now on, and need not be read back for it.
      this.#recent.add(run.runId, json)
      await this.#journal.sync(place.segment)
      this.#reserve.remove(run.runId)
      if (this.#isFailing) this.#options.logger.info('the spool can be written again')
      this.#isFailing = false
      return true
    } catch (error) {
      this.#writeFailed(error)
      this.#counts.droppedRuns += this.#reserve.add(fitted)
      return false
    }
  }

  async #emptyReserve(): Promise<void> {
    for (const fitted of this.#reserve.take()) if (!(await this.#write(fitted))) return
  }

  #writeFailed(error: unknown): void {
    this.#counts.writeFailures++
    // Once an outage of the disk, not once a run.
    if (!this.#isFailing)
      this.#options.logger.error(
        { code: 'spool.unusable', error: messageOf(error) },
        'the spool cannot be written; runs are kept in memory',
      )
    this.#isFailing = true
  }

  /** Keeps to the limit: artifacts go before runs, the oldest first. */
  async #makeRoom(): Promise<void> {
    while (this.counts.bytes > this.#options.bytesMax) {
      const artifact = this.#artifacts.oldest()
      const segment = this.#index.oldestSegment()
      if (artifact) await this.finishArtifact(artifact, 'dropped')
      else if (segment !== undefined && segment !== this.#journal.segment)
        await this.#dropSegment(segment)
      else return
    }
  }

  async #dropSegment(segment: number): Promise<void> {
    const { unsent } = this.#index.removeSegment(segment)
    if (unsent.length > 0 && this.#counts.droppedRuns === 0)
      this.#options.logger.error('the spool is full; the oldest runs are dropped')
    this.#counts.droppedRuns += unsent.length
    await rm(segmentFile(this.#options.folder, segment), { force: true })
  }

  /** One that is damaged by now is counted and forgotten. */
  async #readBack(places: readonly RunPlace[]): Promise<SpooledRun[]> {
    const recent = new Map(places.map(({ runId }) => [runId, this.#recent.find(runId)]))
    const elsewhere = places.filter(({ runId }) => recent.get(runId) === undefined)
    const onDisk = elsewhere.length === 0 ? [] : await readBack(this.#options.folder, elsewhere)
    const fromDisk = new Map(onDisk.map(({ runId, json }) => [runId, json]))
    const runs = places.flatMap(({ runId }) => {
      const json = recent.get(runId) ?? fromDisk.get(runId)
      return json === undefined ? [] : [{ runId, json }]
    })
    const found = new Set(runs.map(({ runId }) => runId))
    for (const { runId } of places) {
      // It may have been dropped to make room while we read.
      if (found.has(runId) || !this.#index.isUnsent(runId)) continue
      this.#counts.damagedRecords++
      this.#index.forget(runId)
    }
    return runs
  }

  async #finishUploadIfDone(runId: string): Promise<void> {
    if (this.#artifacts.of(runId).length === 0) this.#index.finishUpload(runId)
    else this.#options.onWork?.()
  }

  async #deleteSegments(): Promise<void> {
    for (const segment of this.#index.deletable(this.#journal.segment)) {
      this.#index.removeSegment(segment)
      await rm(segmentFile(this.#options.folder, segment), { force: true })
    }
  }
}

/** What a file in the folder of artifacts is; undefined when its run does not know of it. */
function announcedKind(
  index: SpoolIndex,
  runId: string,
  name: string,
): Pick<Artifact, 'mediaType' | 'step'> | undefined {
  const artifact = index.artifactsOf(runId).find((announced) => announced.name === name)
  if (artifact) return artifact
  if (!index.laterArtifactsOf(runId).includes(name)) return undefined
  const mediaType = laterMediaType(name)
  return mediaType === undefined ? undefined : { mediaType }
}
