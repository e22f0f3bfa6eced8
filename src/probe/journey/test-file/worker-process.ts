import { createRequire } from 'node:module'
import { watchSpawns } from '../host/watch-spawns.ts'
import type { InstrumentOrder } from './instrument.ts'
import { sharePlaywright } from './share-playwright.ts'
import { WORKER_ORDER, type WorkerMessage, WRAP_UP, wrapMessage } from './worker-channel.ts'

/**
 * Loaded in each of Playwright's workers before anything else. Workers are processes of Playwright, whose
 * channel to the runner is shared; see `worker-channel.ts`.
 */
const written = process.env[WORKER_ORDER]
Reflect.deleteProperty(process.env, WORKER_ORDER)
if (written !== undefined) await begin(JSON.parse(written))

async function begin(order: InstrumentOrder): Promise<void> {
  sharePlaywright()
  const send = process.send?.bind(process)
  const tell = (message: WorkerMessage) =>
    void send?.(wrapMessage(message), undefined, undefined, () => undefined)
  watchSpawns({ started: ({ pid }) => tell({ kind: 'spawned', pid }) })
  // Only here and first: what offers a video encoder has to come before Playwright, and moves the place of
  // all of Playwright's browsers.
  const recording =
    order.recording &&
    (await import('./record-contexts.ts')).createContextRecording(order.recording, tell)
  const { instrumentPlaywright } = await import('./instrument.ts')
  const instrument = instrumentPlaywright(order, tell, hasTestFailed, recording)
  process.on('message', (message: { method?: unknown }) => {
    if (message?.method === WRAP_UP) void instrument.wrapUp()
  })
}

function hasTestFailed(): boolean {
  const { test } = createRequire(import.meta.url)('playwright/test')
  try {
    const { errors, status, expectedStatus } = test.info()
    return errors.length > 0 || status !== expectedStatus
  } catch {
    return false // No test is under way.
  }
}
