import type { BrowserRecord } from '../../../protocol/run.ts'
import { type DocumentTrouble, withDocumentTrouble } from '../host/describe-error.ts'
import type { RunReport } from '../host/run-report.ts'
import type { ReportedError } from '../messages.ts'
import type { WorkerMessage } from './worker-channel.ts'

/** What the workers told of their browsers. */
export function createWorkerView(report: Pick<RunReport, 'log'>) {
  const records: BrowserRecord[] = []
  const wrappedUp = Promise.withResolvers<void>()
  let attempt: string | undefined
  let browserFailure: string | undefined
  let hasCrashed = false
  let trouble: DocumentTrouble | undefined
  let recorded: Extract<WorkerMessage, { kind: 'recorded' }> | undefined
  return {
    records,
    /** What was recorded last. */
    recorded: () => recorded,
    wrappedUp: wrappedUp.promise,
    hear(message: WorkerMessage): void {
      if (message.kind === 'log') report.log(message.line)
      if (message.kind === 'attempt') attempt = message.attempt
      if (message.kind === 'browser_failed') browserFailure ??= message.message
      if (message.kind === 'browser_gone')
        browserFailure ??= 'Chromium ended before the test file did'
      if (message.kind === 'page_crashed') hasCrashed = true
      if (message.kind === 'recorded') recorded = message
      if (message.kind === 'wrapped_up') wrappedUp.resolve()
      if (message.kind !== 'context') return
      records.push(message.record)
      trouble = message.trouble
    },
    /** Puts what the page's document answered before a failure; known when the test's context was closed. */
    explain: (message: string) => withDocumentTrouble(message, trouble),
    /** What counts more than how the tests went. */
    error(): ReportedError | undefined {
      if (attempt !== undefined) return { type: 'journey.forbidden_request', message: attempt }
      if (browserFailure !== undefined)
        return { type: 'probe.browser_crashed', message: browserFailure }
      return hasCrashed ? { type: 'journey.page_crashed', message: 'the page crashed' } : undefined
    },
  }
}
