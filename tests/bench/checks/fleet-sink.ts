import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type { ProbedCheck } from '../../../src/protocol/check.ts'
import type { Run } from '../../../src/protocol/run.ts'

/**
 * The coordinator's side of the probe interface, in a process of its own, without a database: it hands
 * out the assignment, confirms every run, and keeps count.
 */

export type SinkOrder = { checks: ProbedCheck[] } | 'report'
export type SinkReport = {
  kind: 'report'
  runs: number
  flagged: number
  shed: number
  verdicts: Record<string, number>
  /** Slot to start, in milliseconds, of each run. */
  lateMs: number[]
  heartbeats: number
}

let assignment = { hash: 'none', regionId: 'here', checks: [] as ProbedCheck[] }
let report: SinkReport = emptyReport()

function emptyReport(): SinkReport {
  return { kind: 'report', runs: 0, flagged: 0, shed: 0, verdicts: {}, lateMs: [], heartbeats: 0 }
}

function count(run: Run): void {
  report.runs++
  if (run.quality?.flagged !== undefined) report.flagged++
  if (run.error?.type === 'probe.overload' && run.durationMs === 0) report.shed++
  report.verdicts[run.verdict] = (report.verdicts[run.verdict] ?? 0) + 1
  report.lateMs.push(run.startedAt - run.slotAt)
}

const server = createServer(async (request, response) => {
  const answer = (body: unknown) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  const path = request.url ?? ''
  if (path.includes('/assignment')) return answer(assignment)
  // Nothing is ever asked of the probe; the stream stays open as the coordinator's does.
  if (path.includes('/commands'))
    return response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
  if (path.includes('/artifacts/')) {
    request.resume()
    return response.writeHead(204).end()
  }
  // What a newer probe asks besides, an older coordinator does not know either.
  if (request.method === 'GET') return response.writeHead(404).end()
  const body = (await json(request)) as { runs?: Run[] }
  if (!body.runs) {
    report.heartbeats++
    return answer({ now: Date.now(), assignmentHash: assignment.hash })
  }
  for (const run of body.runs) count(run)
  return answer({ stored: body.runs.map(({ runId }) => runId), duplicate: [], rejected: [] })
})
server.listen(0, '127.0.0.1', () =>
  process.send?.({ kind: 'ready', port: (server.address() as AddressInfo).port }),
)
process.on('message', (order: SinkOrder) => {
  if (order === 'report') {
    process.send?.(report)
    report = emptyReport()
  } else {
    assignment = { hash: `${assignment.hash}+`, regionId: 'here', checks: order.checks }
  }
})
process.on('disconnect', () => process.exit(0))
