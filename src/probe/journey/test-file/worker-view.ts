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
    /**
     * Whose fault it was, given how the tests went. A browser that ended counts only where a test failed of
     * it: a test may well leave a browser of its own behind, which then ends with the worker.
     */
    judge(error: ReportedError | undefined): ReportedError | undefined {
      if (attempt !== undefined) return { type: 'journey.forbidden_request', message: attempt }
      if (!error) return undefined
      if (browserFailure !== undefined && BROWSER_ENDED.test(error.message))
        return { type: 'probe.browser_crashed', message: browserFailure }
      if (hasCrashed && error.type !== 'journey.script')
        return { type: 'journey.page_crashed', message: `the page crashed; ${error.message}` }
      return error
    },
  }
}

/** What Playwright's calls say when their browser is gone, or never came. */
const BROWSER_ENDED = /has been closed|disconnected|crashed|browserType\.launch/i
