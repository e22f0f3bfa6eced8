import { lstat, rm } from 'node:fs/promises'
import type { Clock } from '../../base/clock.ts'
import { subjectName } from '../../protocol/judge-expectations.ts'
import { ARTIFACT_BYTES_MAX } from '../../protocol/probe-api.ts'
import type { BrowserRecord, PageRecord, Step } from '../../protocol/run.ts'
import type { CheckError, Findings } from '../checks/check-runner.ts'
import { filesIn } from './collect-recording.ts'
import type { OpenStep } from './judge-run-end.ts'
import { type HostMessage, STEP_PICTURES } from './messages.ts'

/** Turns what a host says during a run into the run's findings. */
export type FindingsCollector = {
  hear(message: HostMessage): void
  /** The step under way, by our own clock: the host may be past telling. */
  openStep(): OpenStep | undefined
  /** Writes down the steps, the time and, when the run failed, the picture. */
  close(error: CheckError | undefined): Promise<void>
}

type SeenStep = { step: Step; openedAt: number | undefined }

const SCREENSHOT = 'screenshot.png'

export type CollectorParts = {
  findings: Findings
  clock: Clock
  timeoutMs: number
  /** What the paths of the run's pictures begin with. */
  picturePrefix: string
  /** Where the run is recorded, if it is. */
  recordingFolder?: string | undefined
}

export function createFindingsCollector(parts: CollectorParts): FindingsCollector {
  const { findings, clock, timeoutMs, picturePrefix, recordingFolder } = parts
  const steps: SeenStep[] = []
  let startedAt: number | undefined
  let durationMs: number | undefined
  let browser: BrowserRecord | undefined
  const pictures = new Map<string, string>()
  let screenshot: { step?: string | undefined } | undefined
  let recorded: Extract<HostMessage, { kind: 'recorded' }> | undefined

  const openSteps = () => steps.filter((seen) => seen?.openedAt !== undefined)
  /** A host that had to be killed was given a grace, which is no part of the journey's time. */
  const msSince = (instant: number | undefined) =>
    instant === undefined ? 0 : Math.min(timeoutMs, clock.monotonic() - instant)

  async function keepPicture(name: string, step: string | undefined): Promise<void> {
    const path = `${picturePrefix}${name}`
    const bytes = await pictureBytes(path)
    if (bytes > 0)
      findings.artifact({
        name,
        mediaType: 'image/png',
        bytes,
        path,
        ...(step !== undefined && { step }),
      })
    else await rm(path, { force: true })
  }

  async function removeUntold(): Promise<void> {
    for (const name of STEP_PICTURES)
      if (!pictures.has(name)) await rm(`${picturePrefix}${name}`, { force: true })
  }

  async function keepRecording(folder: string): Promise<void> {
    for (const file of await filesIn(folder, recorded?.names ?? [])) findings.artifact(file)
    for (const note of recorded?.notes ?? ['nothing was recorded: the browser was ended before'])
      findings.log(note)
  }

  return {
    hear(message) {
      if (message.kind === 'started') startedAt = clock.monotonic()
      if (message.kind === 'log') findings.log(message.line)
      if (message.kind === 'screenshot') screenshot = { step: message.step }
      if (message.kind === 'picture') pictures.set(message.name, message.step)
      if (message.kind === 'recorded') recorded = message
      if (message.kind === 'browser') browser = message.browser
      if (message.kind === 'finished') durationMs = message.durationMs
      if (message.kind === 'step' && message.index <= steps.length)
        steps[message.index] = {
          step: message.step,
          openedAt: message.isOpen ? clock.monotonic() : undefined,
        }
    },
    openStep() {
      const seen = openSteps().at(-1)
      return seen && { name: seen.step.name, ms: msSince(seen.openedAt) }
    },
    async close(error) {
      /** Of several steps with one name, the slowest counts. */
      const times = new Map<string, number>()
      for (const seen of steps) {
        const step = ended(seen, msSince(seen.openedAt), error)
        findings.step(step)
        // What was skipped took no time, and is not known.
        if (step.status !== 'skipped')
          findings.subject(
            subjectName('step', step.name),
            Math.max(step.ms, times.get(step.name) ?? 0),
          )
        times.set(step.name, Math.max(step.ms, times.get(step.name) ?? 0))
      }
      if (startedAt !== undefined) {
        const totalMs = durationMs ?? msSince(startedAt)
        findings.duration(totalMs)
        findings.subject('total', totalMs)
      }
      if (browser) recordBrowser(findings, browser)
      for (const [name, step] of pictures) await keepPicture(name, step)
      // A host that was killed may have left one that it did not tell of.
      if (error) await removeUntold()
      if (error && screenshot) await keepPicture(SCREENSHOT, screenshot.step)
      else await rm(`${picturePrefix}${SCREENSHOT}`, { force: true })
      if (recordingFolder !== undefined) await keepRecording(recordingFolder)
    },
  }
}

/** What expectations are compared with: of vitals, the worst page's. */
function recordBrowser(findings: Findings, browser: BrowserRecord): void {
  findings.browser(browser)
  const worst = (vital: 'ttfbMs' | 'fcpMs' | 'lcpMs' | 'inpMs' | 'cls') => {
    const values = browser.pages.map((page: PageRecord) => page[vital])
    const known = values.filter((value) => value !== undefined)
    return known.length > 0 ? Math.max(...known) : undefined
  }
  findings.subject('ttfb', worst('ttfbMs'))
  findings.subject('fcp', worst('fcpMs'))
  findings.subject('lcp', worst('lcpMs'))
  findings.subject('inp', worst('inpMs'))
  findings.subject('cls', worst('cls'))
  findings.subject('requests', browser.requests)
  findings.subject('bytes', browser.bytes)
  findings.subject('failedRequests', browser.failedRequestCount)
  findings.subject('consoleErrors', browser.consoleErrorCount)
  findings.subject('pageErrors', browser.exceptionCount)
}

/** A step that the host could not end any more failed with the run. */
function ended({ step, openedAt }: SeenStep, ms: number, error: CheckError | undefined): Step {
  if (openedAt === undefined) return step
  const reason = error ? { error: error.message } : {}
  return { ...step, status: 'failed', ms, ...reason }
}

/** The file's size; 0 when there is no file that may be kept. */
async function pictureBytes(path: string): Promise<number> {
  const file = await lstat(path).catch(() => undefined)
  return file?.isFile() && file.size <= ARTIFACT_BYTES_MAX ? file.size : 0
}
