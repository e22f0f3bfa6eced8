import { crc32 } from 'node:zlib'
import { z } from 'zod'
import { ArtifactName, CheckId, Instant, RunId } from '../../protocol/ids.ts'
import { Artifact, RunCommand } from '../../protocol/run.ts'

/**
 * A line of the journal: checksum, type, JSON.
 *
 *     9f0a61c4 run {"runId":"…"}
 *
 * Each line begins and ends with a line feed, so that a damaged line feed costs one record, not two.
 */

/** What is known of a run when it begins; enough to account for it when it never ends. */
export const Begun = z.object({
  runId: RunId,
  checkId: CheckId,
  slotAt: Instant,
  startedAt: Instant,
  definitionHash: z.string(),
  command: RunCommand.optional(),
})
export type Begun = z.infer<typeof Begun>

/** What the spool itself needs of a run. The whole run is in the line. */
const RunHead = z.object({
  runId: RunId,
  checkId: CheckId,
  slotAt: Instant,
  /** It is of no slot. */
  command: RunCommand.optional(),
  artifacts: z.array(Artifact),
  laterArtifacts: z.array(ArtifactName).optional(),
})
export type RunHead = z.infer<typeof RunHead>

const Done = z.object({ runIds: z.array(RunId) })

/** The latest slot of each check, carried along because old segments are deleted. */
const Slots = z.object({ slots: z.record(CheckId, Instant) })

export type JournalRecord =
  | { type: 'begun'; begun: Begun }
  | { type: 'run'; run: RunHead }
  | { type: 'done'; runIds: string[] }
  | { type: 'slots'; slots: Record<string, number> }

/** Longest line; whatever is longer was not written by us. Runs are cut to fit, see `fit-run.ts`. */
export const LINE_BYTES_MAX = 2 * 1024 * 1024

/** @param json the run, as `fit-run.ts` gives it. */
export const runLine = (json: string) => toLine('run', json)
export const begunLine = (begun: Begun) => toLine('begun', JSON.stringify(begun))
export const doneLine = (runIds: readonly string[]) => toLine('done', JSON.stringify({ runIds }))
export const slotsLine = (slots: ReadonlyMap<string, number>) =>
  toLine('slots', JSON.stringify({ slots: Object.fromEntries(slots) }))

function toLine(type: JournalRecord['type'], json: string): Buffer {
  const body = `${type} ${json}`
  return Buffer.from(`\n${crc32(body).toString(16).padStart(8, '0')} ${body}\n`)
}

const LINE = /^([0-9a-f]{8}) ((begun|run|done|slots) (\{.*\}))$/s

/** Type and JSON of a line (without its line feeds), or undefined when it is damaged. */
export function openLine(line: Buffer): { type: JournalRecord['type']; json: string } | undefined {
  const match = LINE.exec(line.toString('utf8'))
  if (!match) return undefined
  const [, checksum = '', body = '', type = '', json = ''] = match
  if (crc32(body) !== Number.parseInt(checksum, 16)) return undefined
  return { type: type as JournalRecord['type'], json }
}

/** The record in a line, or undefined when it is damaged. */
export function parseLine(line: Buffer): JournalRecord | undefined {
  const opened = openLine(line)
  if (!opened) return undefined
  const value: unknown = JSON.parse(opened.json)
  switch (opened.type) {
    case 'begun': {
      const parsed = Begun.safeParse(value)
      return parsed.success ? { type: 'begun', begun: parsed.data } : undefined
    }
    case 'run': {
      const parsed = RunHead.safeParse(value)
      return parsed.success ? { type: 'run', run: parsed.data } : undefined
    }
    case 'done': {
      const parsed = Done.safeParse(value)
      return parsed.success ? { type: 'done', runIds: parsed.data.runIds } : undefined
    }
    case 'slots': {
      const parsed = Slots.safeParse(value)
      return parsed.success ? { type: 'slots', slots: parsed.data.slots } : undefined
    }
  }
}
