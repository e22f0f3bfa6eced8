import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { buffer, json } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import type { CheckDefinition } from '../../src/protocol/check.ts'
import {
  COMMANDS_HELD_MS,
  type Heartbeat,
  type IngestReceipt,
  PROBE_API_PREFIX,
} from '../../src/protocol/probe-api.ts'
import { Run } from '../../src/protocol/run.ts'
import { createWakeUp } from '../../src/runtime/wake-up.ts'

export const PROBE_TOKEN = 'a-token-for-tests-only'

/** What becomes of a request: an answer with an error, or a broken connection. */
export type Misbehaviour =
  | { status: number; headers?: Record<string, string>; body?: string }
  /** The connection breaks before anything is stored, or after. */
  | 'drop'
  | 'store and drop'
  /** No answer at all, as long as the target stands. */
  | 'silence'

type Operation = 'runs' | 'heartbeat' | 'assignment' | 'artifacts' | 'commands'

/**
 * A coordinator as a probe sees it: real HTTP and the real messages, every run kept as often as it
 * came, and able to misbehave.
 */
export type CoordinatorTarget = {
  url: string
  /** Wall clock that its heartbeat answers tell. */
  now(): number
  setClockAhead(ms: number): void
  /** What probes of the region get; with checks that no schema knows, if wanted. */
  assign(checks: (CheckDefinition | Record<string, unknown>)[]): void
  heartbeats: Heartbeat[]
  /** Batches that came, good or bad: ids in their order. */
  batches: string[][]
  /** Stored runs: the first of each slot and id counts, as in the real one. */
  runs: Map<string, Run>
  /** How often each run was delivered to the end. */
  deliveries: Map<string, number>
  artifacts: Map<string, { mediaType: string | undefined; content: Buffer }>
  /** Times at which requests came, by operation. */
  requests: { operation: Operation; at: number }[]
  /** Decides about each request; undefined for good behaviour. */
  misbehave(decide: (operation: Operation, count: number) => Misbehaviour | undefined): void
  behave(): void
  /** Sends commands over the request that a probe holds open, or the next one. */
  command(...commands: unknown[]): void
  /** Refuses runs for which this gives a reason; a status instead refuses the whole batch. */
  refuse(reasonFor: (run: Run) => string | number | undefined): void
  /** Goes away: connections break, the port refuses. `comeBack` listens on the same port again. */
  goAway(): Promise<void>
  comeBack(): Promise<void>
}

export async function startCoordinatorTarget(): Promise<CoordinatorTarget> {
  let aheadMs = 0
  let assignment = { hash: 'none', regionId: 'eu-west', checks: [] as unknown[] }
  let decide: Parameters<CoordinatorTarget['misbehave']>[0] = () => undefined
  let reasonFor: Parameters<CoordinatorTarget['refuse']>[0] = () => undefined
  const counts = new Map<Operation, number>()
  const slots = new Set<string>()
  const waitingCommands: unknown[] = []
  const commandsCame = createWakeUp()
  let port = 0

  const target: CoordinatorTarget = {
    url: '',
    now: () => Date.now() + aheadMs,
    setClockAhead: (ms) => {
      aheadMs = ms
    },
    assign(checks) {
      assignment = {
        hash: createHash('sha256').update(JSON.stringify(checks)).digest('hex'),
        regionId: 'eu-west',
        checks,
      }
    },
    heartbeats: [],
    batches: [],
    runs: new Map(),
    deliveries: new Map(),
    artifacts: new Map(),
    requests: [],
    misbehave: (decider) => {
      decide = decider
    },
    behave: () => {
      decide = () => undefined
    },
    refuse: (refuser) => {
      reasonFor = refuser
    },
    command(...commands) {
      waitingCommands.push(...commands)
      commandsCame.wake()
    },
    async goAway() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
    async comeBack() {
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
    },
  }

  function ingest(raw: { runs: unknown[] }): { status: number; body?: IngestReceipt } {
    for (const one of raw.runs) {
      const status = reasonFor(one as Run)
      if (typeof status === 'number') return { status }
    }
    const receipt: IngestReceipt = { stored: [], duplicate: [], rejected: [] }
    for (const [index, one] of raw.runs.entries()) {
      const run = Run.parse(one)
      target.deliveries.set(run.runId, (target.deliveries.get(run.runId) ?? 0) + 1)
      const slot = `${run.checkId} ${run.regionId} ${run.slotAt}`
      const reason = reasonFor(run)
      if (typeof reason === 'string') receipt.rejected.push({ index, runId: run.runId, reason })
      else if (target.runs.has(run.runId) || slots.has(slot)) receipt.duplicate.push(run.runId)
      else {
        slots.add(slot)
        target.runs.set(run.runId, run)
        receipt.stored.push(run.runId)
      }
    }
    return { status: 200, body: receipt }
  }

  async function heldCommands(request: IncomingMessage) {
    const hasGone = new AbortController()
    const go = () => hasGone.abort()
    request.socket.once('close', go)
    await commandsCame.wait(hasGone.signal, COMMANDS_HELD_MS)
    request.socket.off('close', go)
    return { now: target.now(), commands: waitingCommands.splice(0) }
  }

  async function answer(request: IncomingMessage): Promise<{ status: number; body?: unknown }> {
    const { pathname } = new URL(request.url ?? '', 'http://target')
    const path = pathname.slice(PROBE_API_PREFIX.length)
    const [, runId, name] = /^\/runs\/([^/]+)\/artifacts\/([^/]+)$/.exec(path) ?? []
    if (runId && name) {
      const content = await buffer(request)
      if (!target.runs.has(runId)) return { status: 404 }
      target.artifacts.set(`${runId}/${name}`, {
        mediaType: request.headers['content-type'],
        content,
      })
      return { status: 204 }
    }
    if (path === '/assignment') return { status: 200, body: assignment }
    if (path === '/commands') return { status: 200, body: await heldCommands(request) }
    if (path === '/heartbeat') {
      target.heartbeats.push((await json(request)) as Heartbeat)
      return { status: 200, body: { now: target.now(), assignmentHash: assignment.hash } }
    }
    return ingest((await json(request)) as { runs: unknown[] })
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const operation = operationOf(request.url ?? '')
    const count = (counts.get(operation) ?? 0) + 1
    counts.set(operation, count)
    target.requests.push({ operation, at: performance.now() })
    if (request.headers.authorization !== `Bearer ${PROBE_TOKEN}`)
      return void response.writeHead(401).end()
    const how = decide(operation, count)
    if (how === 'silence') return
    if (how === 'drop') return void request.socket.destroy()
    if (how !== undefined && how !== 'store and drop') {
      if (operation === 'runs')
        target.batches.push(((await json(request)) as { runs: Run[] }).runs.map((run) => run.runId))
      return void response.writeHead(how.status, how.headers).end(how.body)
    }
    const { status, body } = await answer(request)
    if (how === 'store and drop') return void request.socket.destroy()
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(body === undefined ? undefined : JSON.stringify(body))
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => response.destroy(error as Error))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('the target has no address')
  port = address.port
  target.url = `http://127.0.0.1:${port}`
  onTestFinished(async () => {
    if (server.listening) await target.goAway()
  })
  return target
}

function operationOf(url: string): Operation {
  if (url.includes('/artifacts/')) return 'artifacts'
  if (url.includes('/assignment')) return 'assignment'
  if (url.includes('/commands')) return 'commands'
  return url.includes('/heartbeat') ? 'heartbeat' : 'runs'
}
