import { z } from 'zod'
import { Instant, NAME_LENGTH_MAX } from './ids.ts'
import { RECORDING_ARTIFACT } from './public-paths.ts'
import { RunError } from './run.ts'

/**
 * A recording: a second run of a journey right after the one that is reported, with everything written
 * down. It measures nothing and counts for nothing; its files come after the run, by the names that the
 * run announced in `laterArtifacts`.
 */

/** What a browser's host records. */
export const RecordedName = z.enum([
  'trace.zip',
  'network.har',
  'video.webm',
  'page.html',
  'console.txt',
])
export type RecordedName = z.infer<typeof RecordedName>

/** Everything that a recording may leave. */
export const RECORDING_NAMES: readonly string[] = [...RecordedName.options, RECORDING_ARTIFACT]

export const RECORDING_NOTES_MAX = 20

/** The file `recording.json`: what came of the second run. */
export const Recording = z.object({
  startedAt: Instant,
  /** Milliseconds; recording makes a browser slower. */
  durationMs: z.number().nonnegative().optional(),
  /** `passed` of a run that failed says that the failure was not there a moment later. */
  verdict: z.enum(['passed', 'failed', 'probe_fault']),
  error: RunError.optional(),
  /** The step that failed. */
  step: z.string().max(NAME_LENGTH_MAX).optional(),
  /** What could not be recorded, and why. */
  notes: z.array(z.string().max(1_000)).max(RECORDING_NOTES_MAX),
})
export type Recording = z.infer<typeof Recording>
