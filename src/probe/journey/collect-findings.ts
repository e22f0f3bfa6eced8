import { lstat, rm } from 'node:fs/promises'
import type { Clock } from '../../base/clock.ts'
import { ARTIFACT_BYTES_MAX } from '../../protocol/probe-api.ts'
import type { Step } from '../../protocol/run.ts'
import type { CheckError, Findings } from '../checks/check-runner.ts'
import type { OpenStep } from './judge-run-end.ts'
import type { HostMessage } from './messages.ts'

/** Turns what a host says during a run into the run's findings. */
export type FindingsCollector = {
  hear(message: HostMessage): void
  /** The step under way, by our own clock: the host may be past telling. */
  openStep(): OpenStep | undefined
  /** Writes down the steps, the time and, when the run failed, the picture. */
  close(error: CheckError | undefined): Promise<void>
}

type SeenStep = { step: Step; openedAt: number | undefined }

const SCREENSHOT = { name: 'screenshot.png', mediaType: 'image/png' }

export type CollectorParts = {
  findings: Findings
  clock: Clock
  timeoutMs: number
  screenshotPath: string
}

export function createFindingsCollector(parts: CollectorParts): FindingsCollector {
  const { findings, clock, timeoutMs, screenshotPath } = parts
  const steps: SeenStep[] = []
  let startedAt: number | undefined
  let durationMs: number | undefined
  let screenshot: { step?: string | undefined } | undefined

  const openSteps = () => steps.filter((seen) => seen?.openedAt !== undefined)
  /** A host that had to be killed was given a grace, which is no part of the journey's time. */
  const msSince = (instant: number | undefined) =>
    instant === undefined ? 0 : Math.min(timeoutMs, clock.monotonic() - instant)

  return {
    hear(message) {
      if (message.kind === 'started') startedAt = clock.monotonic()
      if (message.kind === 'log') findings.log(message.line)
      if (message.kind === 'screenshot') screenshot = { step: message.step }
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
      for (const seen of steps) findings.step(ended(seen, msSince(seen.openedAt), error))
      if (startedAt !== undefined) {
        const totalMs = durationMs ?? msSince(startedAt)
        findings.duration(totalMs)
        findings.subject('total', totalMs)
      }
      const bytes = error && screenshot ? await pictureBytes(screenshotPath) : 0
      if (bytes > 0)
        findings.artifact({
          ...SCREENSHOT,
          bytes,
          path: screenshotPath,
          ...(screenshot?.step === undefined ? {} : { step: screenshot.step }),
        })
      else await rm(screenshotPath, { force: true })
    },
  }
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
