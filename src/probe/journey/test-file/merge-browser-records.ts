import {
  type BrowserRecord,
  CONSOLE_LINES_MAX,
  FAILED_REQUESTS_MAX,
  PAGES_MAX,
} from '../../../protocol/run.ts'

/** Of instants in epoch milliseconds. */
type RunTimes = {
  /** Milliseconds of the tests' time. */
  at(instant: number): number
  /** The name of the step that it lies in. */
  stepAt(instant: number): string | undefined
  /** For how long that time stood still. */
  stoodMs(): number
}

/** What several contexts did, told with instants, as the record of one run: counts add up, of lists the first are kept. */
export function mergeBrowserRecords(
  told: readonly BrowserRecord[],
  { at, stepAt, stoodMs }: RunTimes,
): BrowserRecord {
  const onTimeline = <T extends { atMs: number }>(moment: T): T => {
    const step = stepAt(moment.atMs)
    return { ...moment, atMs: at(moment.atMs), ...(step !== undefined && { step }) }
  }
  const records = told.map((record) => ({
    ...record,
    pages: record.pages.map(onTimeline),
    failedRequests: record.failedRequests.map(onTimeline),
    console: record.console.map(onTimeline),
  }))
  const sum = (count: (record: BrowserRecord) => number) =>
    records.reduce((total, record) => total + count(record), 0)
  return {
    engine: records[0]?.engine ?? 'chromium',
    prepareMs: stoodMs(),
    evidenceMs: Math.max(0, ...records.map(({ evidenceMs }) => evidenceMs)),
    pages: inOrder(records.flatMap(({ pages }) => pages)).slice(0, PAGES_MAX),
    requests: sum(({ requests }) => requests),
    bytes: sum(({ bytes }) => bytes),
    failedRequestCount: sum(({ failedRequestCount }) => failedRequestCount),
    failedRequests: inOrder(records.flatMap(({ failedRequests }) => failedRequests)).slice(
      0,
      FAILED_REQUESTS_MAX,
    ),
    consoleErrorCount: sum(({ consoleErrorCount }) => consoleErrorCount),
    consoleWarningCount: sum(({ consoleWarningCount }) => consoleWarningCount),
    exceptionCount: sum(({ exceptionCount }) => exceptionCount),
    console: inOrder(records.flatMap(({ console }) => console)).slice(0, CONSOLE_LINES_MAX),
  }
}

const inOrder = <T extends { atMs: number }>(list: T[]): T[] =>
  list.toSorted((a, b) => a.atMs - b.atMs)
