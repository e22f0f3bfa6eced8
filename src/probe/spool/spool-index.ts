import { type Artifact, isOfSlot } from '../../protocol/run.ts'
import type { Begun, JournalRecord, RunHead } from './journal-line.ts'
import type { Place } from './journal-writer.ts'
import type { RunPlace } from './read-back.ts'

type Entry = {
  place: Place
  artifacts: readonly Artifact[]
  /** Names of files that may still come to be uploaded. */
  later: readonly string[]
  /** Whoever makes those files is not done. */
  isAwaiting: boolean
}

const SLOTS_KEPT_MS = 7 * 86_400_000

/** Most runs have none; they share this. */
const NO_ARTIFACTS: readonly Artifact[] = []
const NO_NAMES: readonly string[] = []

/**
 * What lies where in the journal. It keeps ids and places, never runs: a day without the coordinator
 * must not fill the memory.
 *
 * A run goes through `begun` → `unsent` → (acknowledged, but its artifacts are not uploaded yet, or some
 * of them are still being made: `uploading`) → forgotten. In each it holds its segment; a segment that nobody holds can be deleted,
 * oldest first, so that what ends a run never disappears before what began it.
 */
export class SpoolIndex {
  readonly #segments = new Map<number, { bytes: number; holds: number }>()
  readonly #begun = new Map<string, { begun: Begun; segment: number }>()
  readonly #unsent = new Map<string, Entry>()
  readonly #uploading = new Map<string, Entry>()
  readonly #lastSlots = new Map<string, number>()
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  get unsentCount(): number {
    return this.#unsent.size
  }

  /** Runs that began and did not end. */
  get begun(): Begun[] {
    return [...this.#begun.values()].map(({ begun }) => begun)
  }

  /** The latest slot of each check that was begun or recorded here. */
  get lastSlots(): ReadonlyMap<string, number> {
    return this.#lastSlots
  }

  /** Those of them that a next process may still ask for: checks come and go. */
  recentSlots(): ReadonlyMap<string, number> {
    const latest = Math.max(0, ...this.#lastSlots.values())
    return new Map(this.#lastSlots.entries().filter(([, slot]) => slot > latest - SLOTS_KEPT_MS))
  }

  addSegment(segment: number): void {
    if (!this.#segments.has(segment)) this.#segments.set(segment, { bytes: 0, holds: 0 })
  }

  /** What a line means, whether it was just written or found at the start. */
  apply(record: JournalRecord, place: Place): void {
    this.addBytes(place.segment, place.length)
    switch (record.type) {
      case 'begun':
        this.#begin(record.begun, place.segment)
        break
      case 'run':
        this.#record(record.run, place)
        break
      case 'done':
        for (const runId of record.runIds) this.acknowledge(runId)
        break
      case 'slots':
        for (const [checkId, slot] of Object.entries(record.slots)) this.#seeSlot(checkId, slot)
        break
    }
  }

  /** Counts a line that takes room, whatever it says. */
  addBytes(segment: number, length: number): void {
    this.addSegment(segment)
    const entry = this.#segments.get(segment)
    // A line feed before the line and one behind it.
    if (entry) entry.bytes += length + 2
    this.#bytes += length + 2
  }

  /** The coordinator has the run. Its artifacts, if it has any, are still to be uploaded. */
  acknowledge(runId: string): void {
    const entry = this.#unsent.get(runId)
    if (!entry) return
    this.#unsent.delete(runId)
    if (entry.artifacts.length > 0 || entry.later.length > 0) this.#uploading.set(runId, entry)
    else this.#release(entry.place.segment)
  }

  /** The files that the run announced for later are here, as far as there will be any. */
  stopAwaiting(runId: string): void {
    const entry = this.#unsent.get(runId) ?? this.#uploading.get(runId)
    if (entry) entry.isAwaiting = false
  }

  /** Whoever made files for earlier runs is gone with the process that it was in. */
  stopAwaitingAll(): void {
    for (const runId of [...this.#unsent.keys(), ...this.#uploading.keys()])
      this.stopAwaiting(runId)
  }

  /** No artifact of the run is left to upload; it is held all the same while more may come. */
  finishUpload(runId: string): void {
    const entry = this.#uploading.get(runId)
    if (!entry || entry.isAwaiting) return
    this.#uploading.delete(runId)
    this.#release(entry.place.segment)
  }

  /** The run cannot be read back, or never needs to be sent. */
  forget(runId: string): void {
    this.stopAwaiting(runId)
    this.acknowledge(runId)
    this.finishUpload(runId)
  }

  isUnsent(runId: string): boolean {
    return this.#unsent.has(runId)
  }

  isUploading(runId: string): boolean {
    return this.#uploading.has(runId)
  }

  get uploading(): string[] {
    return [...this.#uploading.keys()]
  }

  /** Whether the run is here, and files of it are of use. */
  isHeld(runId: string): boolean {
    return this.#unsent.has(runId) || this.#uploading.has(runId)
  }

  artifactsOf(runId: string): readonly Artifact[] {
    return (this.#unsent.get(runId) ?? this.#uploading.get(runId))?.artifacts ?? NO_ARTIFACTS
  }

  laterArtifactsOf(runId: string): readonly string[] {
    return (this.#unsent.get(runId) ?? this.#uploading.get(runId))?.later ?? NO_NAMES
  }

  /** The first or the last `countMax` runs that wait to be sent, oldest first. */
  unsent(from: 'oldest' | 'newest', countMax: number): RunPlace[] {
    const skip = from === 'newest' ? Math.max(0, this.#unsent.size - countMax) : 0
    return this.#unsent
      .entries()
      .drop(skip)
      .take(countMax)
      .map(([runId, { place }]) => ({ runId, place }))
      .toArray()
  }

  placeOf(runId: string): Place | undefined {
    return this.#unsent.get(runId)?.place
  }

  /** Segments before the one being written that nobody needs, none after one that is needed. */
  deletable(writing: number | undefined): number[] {
    const found: number[] = []
    for (const [segment, { holds }] of this.#segments) {
      if (writing === undefined || segment >= writing || holds > 0) break
      found.push(segment)
    }
    return found
  }

  oldestSegment(): number | undefined {
    return this.#segments.keys().next().value
  }

  /** Forgets a segment with everything in it. Gives the runs that are lost with it. */
  removeSegment(segment: number): { unsent: string[]; uploading: string[] } {
    const inside = (entries: ReadonlyMap<string, Entry>) =>
      [...entries].filter(([, { place }]) => place.segment === segment).map(([runId]) => runId)
    const lost = { unsent: inside(this.#unsent), uploading: inside(this.#uploading) }
    for (const runId of lost.unsent) this.#unsent.delete(runId)
    for (const runId of lost.uploading) this.#uploading.delete(runId)
    for (const [runId, entry] of this.#begun)
      if (entry.segment === segment) this.#begun.delete(runId)
    this.#bytes -= this.#segments.get(segment)?.bytes ?? 0
    this.#segments.delete(segment)
    return lost
  }

  #begin(begun: Begun, segment: number): void {
    this.#begun.set(begun.runId, { begun, segment })
    this.#hold(segment)
    if (isOfSlot(begun)) this.#seeSlot(begun.checkId, begun.slotAt)
  }

  #record(run: RunHead, place: Place): void {
    const { runId, checkId, slotAt, artifacts, laterArtifacts = [] } = run
    this.#hold(place.segment)
    const begun = this.#begun.get(runId)
    if (begun) this.#release(begun.segment)
    this.#begun.delete(runId)
    // Written twice when nobody could say whether the first time reached the disk.
    const before = this.#unsent.get(runId)
    if (before) this.#release(before.place.segment)
    this.#unsent.set(runId, {
      place,
      artifacts: artifacts.length > 0 ? artifacts : NO_ARTIFACTS,
      later: laterArtifacts.length > 0 ? laterArtifacts : NO_NAMES,
      isAwaiting: before?.isAwaiting ?? laterArtifacts.length > 0,
    })
    if (isOfSlot(run)) this.#seeSlot(checkId, slotAt)
  }

  #hold(segment: number): void {
    const held = this.#segments.get(segment)
    if (held) held.holds++
  }

  #release(segment: number): void {
    const held = this.#segments.get(segment)
    if (held) held.holds--
  }

  #seeSlot(checkId: string, slot: number): void {
    this.#lastSlots.set(checkId, Math.max(slot, this.#lastSlots.get(checkId) ?? 0))
  }
}
