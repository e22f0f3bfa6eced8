import {
  type BrowserRecord,
  CONSOLE_LINES_MAX,
  FAILED_REQUESTS_MAX,
  PAGES_MAX,
} from '../../../protocol/run.ts'

/** What several contexts did as the record of one run: counts add up, of lists the first are kept. */
export function mergeBrowserRecords(
  records: readonly BrowserRecord[],
  prepareMs: number,
): BrowserRecord {
  const sum = (count: (record: BrowserRecord) => number) =>
    records.reduce((total, record) => total + count(record), 0)
  return {
    engine: records[0]?.engine ?? 'chromium',
    prepareMs,
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
