import { createReadStream } from 'node:fs'
import { Agent, type Dispatcher, request } from 'undici'
import type { z } from 'zod'
import { AppError, codeOf, messageOf } from '../../base/app-error.ts'
import type { Clock } from '../../base/clock.ts'
import { OnCallPlan } from '../../protocol/on-call-plan.ts'
import {
  AssignmentEnvelope,
  COMMANDS_HELD_MS,
  CommandsEnvelope,
  type Enrol,
  Enrolled,
  type Heartbeat,
  HeartbeatAnswer,
  IngestReceipt,
  PROBE_API_PREFIX,
} from '../../protocol/probe-api.ts'
import type { KeptArtifact } from '../spool/artifact-folder.ts'
import type { SpooledRun } from '../spool/read-back.ts'

/** The longest that one request to the coordinator may take, its answer included. */
const REQUEST_MS_MAX = 10_000
const CONNECT_MS_MAX = 5_000
/** An assignment of thousands of checks; everything else is a fraction of it. */
const ANSWER_BYTES_MAX = 16 * 1024 * 1024
/** Longer waits are not believed: somebody's clock or proxy is wrong. */
const RETRY_AFTER_MS_MAX = 5 * 60_000
/** Enough of an error's text for the log. */
const ERROR_TEXT_MAX = 500

/** The coordinator could not be reached (no status), or it answered with an error. */
export class CoordinatorError extends AppError {
  readonly status: number | undefined
  /** How long the coordinator asked us to wait. */
  readonly retryAfterMs: number | undefined

  constructor(
    code: 'coordinator.unreachable' | 'coordinator.refused',
    message: string,
    options: { cause?: unknown; status?: number; retryAfterMs?: number | undefined } = {},
  ) {
    super(code, message, { retryable: true, cause: options.cause })
    this.status = options.status
    this.retryAfterMs = options.retryAfterMs
  }
}

/** What a probe says to the coordinator; see `protocol/probe-api.ts`. Each call throws {@link CoordinatorError}. */
export type CoordinatorClient = {
  heartbeat(heartbeat: Heartbeat, signal: AbortSignal): Promise<HeartbeatAnswer>
  assignment(regionId: string, signal: AbortSignal): Promise<z.infer<typeof AssignmentEnvelope>>
  /** Who is on call in the next days; an older coordinator answers 404. */
  onCallPlan(signal: AbortSignal): Promise<OnCallPlan>
  sendRuns(runs: readonly SpooledRun[], signal: AbortSignal): Promise<IngestReceipt>
  /** Waits for commands, as long as the coordinator holds the request open. */
  commands(regionId: string, signal: AbortSignal): Promise<z.infer<typeof CommandsEnvelope>>
  putArtifact(artifact: KeptArtifact, signal: AbortSignal): Promise<void>
  /** Exchanges an enrolment token for a credential; done twice with the same it does nothing twice. */
  enrol(request: Enrol, signal: AbortSignal): Promise<Enrolled>
  close(): Promise<void>
}

export type CoordinatorClientOptions = {
  url: string
  /** What the probe shows; it may become another one. */
  token: () => string
  probeId: string
  regionId: string
  clock: Clock
  /** For tests: the longest that one request may take. */
  requestMsMax?: number
}

type Call = Pick<Dispatcher.RequestOptions, 'method' | 'headers' | 'body'> & {
  signal: AbortSignal
  /** How long the coordinator may let us wait on purpose. */
  heldMs?: number
}

export function createCoordinatorClient(options: CoordinatorClientOptions): CoordinatorClient {
  const { token, probeId, regionId, clock, requestMsMax = REQUEST_MS_MAX } = options
  const base = options.url.replace(/\/+$/, '') + PROBE_API_PREFIX
  const agent = new Agent({
    connect: { timeout: CONNECT_MS_MAX },
    maxResponseSize: ANSWER_BYTES_MAX,
    // Shorter than the intervals at which we call, a connection would be made anew each time.
    keepAliveTimeout: 30_000,
  })

  async function call(
    path: string,
    { signal, headers, heldMs = 0, ...how }: Call,
  ): Promise<string> {
    let answer: { status: number; retryAfter: unknown; text: string }
    try {
      const response = await request(base + path, {
        ...how,
        headers: { ...headers, authorization: `Bearer ${token()}` },
        signal: AbortSignal.any([signal, AbortSignal.timeout(requestMsMax + heldMs)]),
        dispatcher: agent,
      })
      answer = {
        status: response.statusCode,
        retryAfter: response.headers['retry-after'],
        text: await response.body.text(),
      }
    } catch (cause) {
      throw new CoordinatorError('coordinator.unreachable', describeFailure(cause), { cause })
    }
    if (answer.status >= 200 && answer.status < 300) return answer.text
    throw new CoordinatorError(
      'coordinator.refused',
      `the coordinator answered ${answer.status}: ${answer.text.slice(0, ERROR_TEXT_MAX)}`,
      { status: answer.status, retryAfterMs: readRetryAfter(answer.retryAfter, clock.now()) },
    )
  }

  const post = (path: string, body: string, signal: AbortSignal) =>
    call(path, { method: 'POST', body, headers: { 'content-type': 'application/json' }, signal })

  return {
    async heartbeat(heartbeat, signal) {
      return parse(HeartbeatAnswer, await post('/heartbeat', JSON.stringify(heartbeat), signal))
    },
    async assignment(region, signal) {
      const path = `/assignment?region=${encodeURIComponent(region)}`
      return parse(AssignmentEnvelope, await call(path, { method: 'GET', signal }))
    },
    async onCallPlan(signal) {
      return parse(OnCallPlan, await call('/on-call-plan', { method: 'GET', signal }))
    },
    async sendRuns(runs, signal) {
      // The runs are sent as they lie in the journal; to read and write them again would gain nothing.
      const head = JSON.stringify({ probeId, regionId }).slice(0, -1)
      const body = `${head},"runs":[${runs.map(({ json }) => json).join(',')}]}`
      return parse(IngestReceipt, await post('/runs', body, signal))
    },
    async enrol(request, signal) {
      return parse(Enrolled, await post('/enrol', JSON.stringify(request), signal))
    },
    async commands(region, signal) {
      const path = `/commands?region=${encodeURIComponent(region)}`
      const held = { method: 'GET', signal, heldMs: COMMANDS_HELD_MS } as const
      return parse(CommandsEnvelope, await call(path, held))
    },
    async putArtifact({ runId, name, mediaType, bytes, path }, signal) {
      const body = createReadStream(path)
      try {
        await call(`/runs/${runId}/artifacts/${name}`, {
          method: 'PUT',
          body,
          headers: { 'content-type': mediaType, 'content-length': String(bytes) },
          signal,
        })
      } finally {
        body.destroy()
      }
    },
    close: () => agent.destroy(),
  }
}

function parse<T extends z.ZodType>(schema: T, text: string): z.output<T> {
  try {
    return schema.parse(JSON.parse(text))
  } catch (cause) {
    // A proxy's login page, an answer that was cut off: the next one may be right.
    throw new CoordinatorError('coordinator.refused', 'the coordinator answered something else', {
      cause,
    })
  }
}

function describeFailure(cause: unknown): string {
  const isTimeout = cause instanceof Error && cause.name === 'TimeoutError'
  if (isTimeout) return 'the coordinator did not answer in time'
  return `the coordinator cannot be reached: ${codeOf(cause) ?? messageOf(cause)}`
}

/** Seconds or a date (RFC 9110 section 10.2.3). */
export function readRetryAfter(header: unknown, now: number): number | undefined {
  if (typeof header !== 'string') return undefined
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - now
  if (Number.isNaN(ms)) return undefined
  return Math.min(Math.max(0, ms), RETRY_AFTER_MS_MAX)
}
