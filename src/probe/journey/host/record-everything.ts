import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright'
import { ARTIFACT_BYTES_MAX } from '../../../protocol/probe-api.ts'
import { RECORDING_NOTES_MAX, type RecordedName } from '../../../protocol/recording.ts'
import { within } from '../../../runtime/deadline.ts'
import type { RunOrder } from '../messages.ts'
import { describeError } from './describe-error.ts'
import type { RecordingMask } from './mask-recording.ts'
import { hasVideoEncoder } from './offer-video-encoder.ts'
import { documentWithout, paintOver } from './paint-over.ts'

/** Writes down what happens in a run, as far as its order asks for it; see `protocol/recording.ts`. */
export type Recorder = {
  contextOptions: BrowserContextOptions
  /** Once the context is there, before its first page. */
  start(context: BrowserContext): Promise<void>
  /** Shows the step in the trace. */
  around<T>(step: string, body: () => T | Promise<T>): Promise<T>
  /** Before the context is closed: the trace ends, and the page is written down as it is now. */
  stop(page: Page): Promise<void>
  /** After it: hides the secrets in what was recorded, and says what there is. */
  finish(): Promise<{ names: RecordedName[]; notes: string[] }>
}

/** A page that hangs gives no document and no last picture. */
const STOP_MS = 10_000
const CONSOLE_LINES_MAX = 2_000
const VIDEO_SIZE = { width: 1280, height: 720 }

type RecorderParts = {
  order: Pick<RunOrder, 'paintOver'> & { recording: NonNullable<RunOrder['recording']> }
  mask: RecordingMask
  /** Milliseconds since the run's start. */
  now(): number
}

export function createRecorder({ order, mask, now }: RecorderParts): Recorder {
  const { folder, names: asked } = order.recording
  const wants = (name: RecordedName) => asked.includes(name)
  const hasVideo = wants('video.webm') && hasVideoEncoder
  const at = (name: RecordedName) => join(folder, name)
  const notes: string[] = []
  const lines: string[] = []
  let context: BrowserContext | undefined
  let firstPage: Page | undefined

  /** Records what was asked for. What cannot be recorded is one note, never a failure. */
  async function attempt(what: RecordedName, body: () => Promise<unknown>): Promise<void> {
    if (!wants(what)) return
    try {
      const isDone = await within(
        STOP_MS,
        body().then(() => true),
      )
      if (!isDone) throw new Error(`not within ${STOP_MS} ms`)
    } catch (error) {
      if (notes.length < RECORDING_NOTES_MAX) notes.push(`no ${what}: ${describeError(error)}`)
    }
  }

  async function size(name: RecordedName): Promise<number> {
    const bytes = await stat(at(name)).then(
      (file) => file.size,
      () => 0,
    )
    if (bytes <= ARTIFACT_BYTES_MAX) return bytes
    notes.push(`no ${name}: it has ${bytes} bytes, more than ${ARTIFACT_BYTES_MAX}`)
    return 0
  }

  return {
    contextOptions: {
      ...(wants('network.har') && {
        recordHar: { path: at('network.har'), mode: 'full', content: 'omit' },
      }),
      ...(hasVideo && { recordVideo: { dir: join(folder, 'videos'), size: VIDEO_SIZE } }),
    },
    async start(opened) {
      context = opened
      await mkdir(folder, { recursive: true })
      if (wants('video.webm') && !hasVideoEncoder)
        notes.push('no video.webm: there is no ffmpeg ("npx playwright install ffmpeg" gets one)')
      if (order.paintOver.length > 0) {
        await opened.addInitScript(paintOver, order.paintOver)
        if (wants('trace.zip'))
          notes.push('no documents in trace.zip: the check has something to be painted over')
      }
      opened.on('page', (page) => {
        firstPage ??= page
      })
      opened.on('console', (message) => {
        if (lines.length < CONSOLE_LINES_MAX)
          lines.push(`${Math.round(now())} ms  ${message.type()}: ${message.text()}`)
      })
      opened.on('weberror', (error) => {
        if (lines.length < CONSOLE_LINES_MAX)
          lines.push(`${Math.round(now())} ms  uncaught: ${describeError(error.error())}`)
      })
      if (!wants('trace.zip')) return
      await opened.tracing.start({
        screenshots: true,
        snapshots: order.paintOver.length === 0,
        sources: true,
      })
    },
    async around(step, body) {
      if (!wants('trace.zip')) return body()
      await context?.tracing.group(step).catch(() => undefined)
      try {
        return await body()
      } finally {
        await context?.tracing.groupEnd().catch(() => undefined)
      }
    },
    async stop(page) {
      await attempt('trace.zip', async () => {
        await context?.tracing.stop({ path: at('trace.zip') })
        await mask.trace(at('trace.zip'))
      })
      // After it, or the trace would have this as one of the journey's own actions.
      await attempt('page.html', async () => {
        const html = await page.evaluate(documentWithout, order.paintOver)
        await writeFile(at('page.html'), mask.text(html))
      })
    },
    async finish() {
      await attempt('network.har', async () => {
        const har = await readFile(at('network.har'), 'utf8')
        await writeFile(at('network.har'), mask.exchanges(har))
      })
      if (hasVideo)
        await attempt('video.webm', async () => {
          const video = firstPage?.video()
          if (!video) throw new Error('the journey had no page')
          await rename(await video.path(), at('video.webm'))
        })
      if (wants('console.txt') && lines.length > 0)
        await writeFile(at('console.txt'), mask.text(`${lines.join('\n')}\n`))
      await rm(join(folder, 'videos'), { recursive: true, force: true })
      const names: RecordedName[] = []
      for (const name of asked) if ((await size(name)) > 0) names.push(name)
      return { names, notes: notes.slice(0, RECORDING_NOTES_MAX).map((note) => mask.text(note)) }
    },
  }
}
