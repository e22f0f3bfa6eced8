import type { RecordedName } from '../../../protocol/recording.ts'
import type { BrowserRecord, Step } from '../../../protocol/run.ts'
import type { Mask } from '../../../runtime/mask-secrets.ts'
import {
  clip,
  type HostMessage,
  JOURNEY_LOG_LINES_MAX,
  LOG_LINE_LENGTH_MAX,
  type ReportedError,
} from '../messages.ts'

/** What one run says to the supervisor. Every text passes here, and so is masked and bounded. */
export type RunReport = {
  loaded(): void
  started(): void
  step(index: number, step: Step, state: { isOpen: boolean }): void
  log(line: string): void
  screenshot(step: string | undefined): void
  picture(name: string, step: string): void
  recorded(recording: { names: RecordedName[]; notes: string[] }): void
  browser(record: BrowserRecord): void
  pause(pause: { isPaused: boolean; pausedMs: number }): void
  ended(): void
  deadline(): void
  finished(durationMs: number, error: ReportedError | undefined): void
}

const ERROR_LENGTH_MAX = 4_000
const NAME_MAX = 80

export function createRunReport(
  runId: string,
  mask: Mask,
  send: (message: HostMessage) => void,
): RunReport {
  let lines = 0
  const text = (value: string, lengthMax: number) => clip(mask(value), lengthMax)
  return {
    loaded: () => send({ kind: 'loaded', runId }),
    started: () => send({ kind: 'started', runId }),
    step(index, step, { isOpen }) {
      const masked: Step = { ...step, name: text(step.name, NAME_MAX) }
      if (step.error !== undefined) masked.error = text(step.error, ERROR_LENGTH_MAX)
      if (step.url !== undefined) masked.url = text(step.url, 2_000)
      if (step.reason !== undefined) masked.reason = text(step.reason, ERROR_LENGTH_MAX)
      send({ kind: 'step', runId, index, isOpen, step: masked })
    },
    log(line) {
      lines++
      if (lines < JOURNEY_LOG_LINES_MAX)
        send({ kind: 'log', runId, line: text(line, LOG_LINE_LENGTH_MAX) })
      if (lines === JOURNEY_LOG_LINES_MAX)
        send({ kind: 'log', runId, line: 'further lines are not kept' })
    },
    screenshot(step) {
      if (step === undefined) send({ kind: 'screenshot', runId })
      else send({ kind: 'screenshot', runId, step: text(step, NAME_MAX) })
    },
    picture: (name, step) => send({ kind: 'picture', runId, name, step: text(step, NAME_MAX) }),
    recorded({ names, notes }) {
      const clipped = notes.map((note) => text(note, LOG_LINE_LENGTH_MAX))
      send({ kind: 'recorded', runId, names, notes: clipped })
    },
    browser(record) {
      const url = (value: string) => text(value, 2_000)
      const step = (one: { step?: string | undefined }) =>
        one.step === undefined ? {} : { step: text(one.step, NAME_MAX) }
      const browser: BrowserRecord = {
        ...record,
        pages: record.pages.map((page) => ({ ...page, ...step(page), url: url(page.url) })),
        failedRequests: record.failedRequests.map((request) => ({
          ...request,
          ...step(request),
          url: url(request.url),
        })),
        console: record.console.map((line) => ({
          ...line,
          ...step(line),
          text: text(line.text, LOG_LINE_LENGTH_MAX),
          ...(line.place !== undefined && { place: url(line.place) }),
        })),
      }
      send({ kind: 'browser', runId, browser })
    },
    pause: (pause) => send({ kind: 'pause', runId, ...pause }),
    ended: () => send({ kind: 'ended', runId }),
    deadline: () => send({ kind: 'deadline', runId }),
    finished(durationMs, error) {
      const masked = error && { ...error, message: text(error.message, ERROR_LENGTH_MAX) }
      send({ kind: 'finished', runId, durationMs, ...(masked ? { error: masked } : {}) })
    },
  }
}
