import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { BrowserContext, BrowserContextOptions } from 'playwright'
import { RecordedName } from '../../../protocol/recording.ts'
import { createMask } from '../../../runtime/mask-secrets.ts'
import { systemClock } from '../../../runtime/system-clock.ts'
import { createRecordingMask } from '../host/mask-recording.ts'
import { createRecorder, type Recorder } from '../host/record-everything.ts'
import type { RunOrder } from '../messages.ts'
import type { WorkerMessage } from './worker-channel.ts'

/**
 * Records the browser contexts of a test file. A recording has one file of each kind, so it is of one
 * context: the first in which a test failed, else the last that was closed.
 */
export type ContextRecording = {
  /** Before a context is made; contexts are made one after the other. */
  before(options: BrowserContextOptions): void
  opened(context: BrowserContext): Promise<void>
  /** While its pages are still there. */
  closing(context: BrowserContext): Promise<void>
  /** When its files are written. */
  closed(context: BrowserContext, hasFailed: boolean): Promise<void>
}

export type ContextRecordingOrder = Pick<RunOrder, 'paintOver' | 'secrets'> & {
  recording: NonNullable<RunOrder['recording']>
}

export function createContextRecording(
  order: ContextRecordingOrder,
  tell: (message: WorkerMessage) => void,
): ContextRecording {
  const { folder } = order.recording
  const mask = createRecordingMask(createMask(order.secrets), order.secrets)
  const startedAt = systemClock.monotonic()
  const recorders = new WeakMap<BrowserContext, { recorder: Recorder; own: string }>()
  let made: { recorder: Recorder; own: string } | undefined
  let count = 0
  let hasFailure = false

  return {
    before(options) {
      if (hasFailure) return
      const own = join(folder, `context-${process.pid}-${++count}`)
      const now = () => systemClock.monotonic() - startedAt
      const recorder = createRecorder({
        order: { ...order, recording: { ...order.recording, folder: own } },
        mask,
        now,
      })
      made = { recorder, own }
      Object.assign(options, recorder.contextOptions)
    },
    async opened(context) {
      if (!made) return
      recorders.set(context, made)
      const { recorder, own } = made
      made = undefined
      await mkdir(own, { recursive: true })
      await recorder.start(context)
    },
    async closing(context) {
      const page = context.pages().at(-1)
      if (page) await recorders.get(context)?.recorder.stop(page)
    },
    async closed(context, hasFailed) {
      const known = recorders.get(context)
      if (!known) return
      recorders.delete(context)
      const { names, notes } = await known.recorder.finish()
      if (!hasFailure) {
        hasFailure = hasFailed
        for (const name of RecordedName.options) await rm(join(folder, name), { force: true })
        for (const name of names) await rename(join(known.own, name), join(folder, name))
        tell({ kind: 'recorded', names, notes, hasFailed })
      }
      await rm(known.own, { recursive: true, force: true })
    },
  }
}
