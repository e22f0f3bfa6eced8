import { lstat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { laterMediaType } from '../../protocol/later-artifact.ts'
import { ARTIFACT_BYTES_MAX } from '../../protocol/probe-api.ts'
import { RECORDING_ARTIFACT } from '../../protocol/public-paths.ts'
import type { Recording } from '../../protocol/recording.ts'
import type { ArtifactFile, CheckError } from '../checks/check-runner.ts'
import type { OpenStep } from './judge-run-end.ts'
import type { HostMessage } from './messages.ts'

/** What came of a recording: its files, whose takers remove `folder` when they have them. */
export type RecordedRun = { recording: Recording; files: ArtifactFile[]; folder: string }

export type RecordingCollector = {
  hear(message: HostMessage): void
  openStep(): OpenStep | undefined
  close(error: CheckError | undefined): Promise<RecordedRun>
}

/** Turns what a host says during a recorded run into its files, `recording.json` among them. */
export function createRecordingCollector({
  folder,
  clock,
  timeoutMs,
}: {
  folder: string
  clock: Clock
  timeoutMs: number
}): RecordingCollector {
  const startedAt = clock.now()
  let recorded: Extract<HostMessage, { kind: 'recorded' }> | undefined
  let durationMs: number | undefined
  let open: { name: string; at: number } | undefined
  let failed: string | undefined

  return {
    hear(message) {
      if (message.kind === 'recorded') recorded = message
      if (message.kind === 'finished') durationMs = message.durationMs
      if (message.kind !== 'step') return
      const { name, status } = message.step
      open = message.isOpen ? { name, at: clock.monotonic() } : undefined
      if (!message.isOpen && status === 'failed') failed ??= name
    },
    openStep: () =>
      open && { name: open.name, ms: Math.min(timeoutMs, clock.monotonic() - open.at) },
    async close(error) {
      const notes = recorded?.notes ?? ['nothing was recorded: the browser did not come to its end']
      const step = failed ?? open?.name
      const recording: Recording = {
        startedAt,
        verdict: verdictOf(error),
        ...(durationMs !== undefined && { durationMs }),
        ...(error && { error: error.toRunError() }),
        ...(error && step !== undefined && { step }),
        notes,
      }
      await writeFile(join(folder, RECORDING_ARTIFACT), JSON.stringify(recording))
      const files = await filesIn(folder, [...(recorded?.names ?? []), RECORDING_ARTIFACT])
      return { recording, files, folder }
    },
  }
}

function verdictOf(error: CheckError | undefined): Recording['verdict'] {
  if (!error) return 'passed'
  return error.type.startsWith('probe.') ? 'probe_fault' : 'failed'
}

/** What there is of these files and may be kept: a host is not believed. */
export async function filesIn(folder: string, names: readonly string[]): Promise<ArtifactFile[]> {
  const files = await Promise.all(names.map((name) => fileIn(folder, name)))
  return files.filter((file) => file !== undefined)
}

async function fileIn(folder: string, name: string): Promise<ArtifactFile | undefined> {
  const path = join(folder, name)
  const mediaType = laterMediaType(name)
  const file = await lstat(path).catch(() => undefined)
  if (mediaType === undefined || !file?.isFile()) return undefined
  if (file.size === 0 || file.size > ARTIFACT_BYTES_MAX) return undefined
  return { name, mediaType, bytes: file.size, path }
}
