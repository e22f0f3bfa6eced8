import type { Socket } from 'node:net'
import { Client } from 'undici'
import { messageOf } from '../../base/app-error.ts'
import { endpointOfUrl } from '../checks/check-endpoint.ts'
import { type CheckContext, CheckError } from '../checks/check-runner.ts'
import { createFindingsRecorder } from '../checks/record-findings.ts'
import { createPhaseMeter } from './phase-meter.ts'
import { describeEndpoint, locate, openConnection } from './timed-connect.ts'
import { handshake } from './tls-handshake.ts'
import { userAgent } from './user-agent.ts'

const BODY_BYTES_MAX = 2 * 1024 * 1024
const HEADER_BYTES_MAX = 64 * 1024
const REDIRECTS_MAX = 3

export type FetchParts = {
  context: Pick<CheckContext, 'clock' | 'connectTo' | 'policy' | 'signal'>
  /** In which all of it must be done. */
  limitMs: number
  /** PEM of authorities trusted besides the system's. */
  trustedRoots?: string | undefined
}

export type JsonAnswer = { status: number; body: unknown }

/**
 * Asks for a document that a check needs besides what it measures: by the region's address policy, and
 * with nothing of it in the run's times. The signal of `context` ends it.
 *
 * @throws {CheckError} when there is no answer, or none that can be read.
 */
export async function fetchJson(url: URL, parts: FetchParts): Promise<JsonAnswer> {
  let next = url
  for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects++) {
    const answer = await fetchOnce(next, parts)
    if (answer.location === undefined) return answer
    if (answer.location === '')
      throw new CheckError(
        'http.redirects',
        `${next.origin} redirects (${answer.status}) without saying where to`,
      )
    if (!URL.canParse(answer.location, next.href))
      throw new CheckError('http.redirects', `${next.origin} redirects to nowhere`)
    next = new URL(answer.location, next)
    if (!/^https?:$/.test(next.protocol))
      throw new CheckError('http.redirects', `${url.origin} redirects to ${next.protocol}`)
  }
  throw new CheckError('http.redirects', `${url.origin} redirects more than ${REDIRECTS_MAX} times`)
}

async function fetchOnce(
  url: URL,
  parts: FetchParts,
): Promise<JsonAnswer & { location?: string | undefined }> {
  const { signal } = parts.context
  const socket = await connectTo(url, parts)
  const client = new Client(url.origin, {
    connect: (_options, callback) => queueMicrotask(() => callback(null, socket)),
    allowH2: false,
    pipelining: 1,
    maxHeaderSize: HEADER_BYTES_MAX,
    // The signal is the only limit in time.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  try {
    const {
      statusCode: status,
      headers,
      body,
    } = await client.request({
      path: `${url.pathname}${url.search}`,
      method: 'GET',
      headers: { accept: 'application/rdap+json, application/json', 'user-agent': userAgent() },
      signal,
    })
    body.on('error', () => undefined)
    const location = status >= 300 && status < 400 ? String(headers.location ?? '') : undefined
    if (location !== undefined || status >= 400) return { status, body: undefined, location }
    return { status, body: await readJson(body, url) }
  } finally {
    await client.destroy()
    socket.destroy()
  }
}

async function connectTo(
  url: URL,
  { context, limitMs, trustedRoots }: FetchParts,
): Promise<Socket> {
  // A paper that nobody reads: these phases are not the target's.
  const { findings } = createFindingsRecorder()
  const silent = { ...context, findings }
  const meter = createPhaseMeter(silent, limitMs)
  const endpoint = endpointOfUrl(url)
  const target = describeEndpoint(endpoint)
  const located = await locate(endpoint, { context: silent, meter })
  const tcp = await openConnection(endpoint, located, { context: silent, meter })
  if (url.protocol !== 'https:') return tcp
  try {
    const { clock } = context
    const shaken = await handshake(tcp, {
      clock,
      meter,
      serverName: endpoint.host,
      target,
      trustedRoots,
    })
    const problem = shaken.certificate.problem ?? shaken.certificate.nameProblem
    if (problem) throw new CheckError(problem.type, `${target}: ${problem.message}`)
    return shaken.socket
  } catch (error) {
    tcp.destroy()
    throw error
  }
}

async function readJson(body: AsyncIterable<Buffer>, url: URL): Promise<unknown> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > BODY_BYTES_MAX)
      throw new CheckError('http.too_large', `the answer of ${url.origin} is larger than is read`)
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString())
  } catch (error) {
    throw new CheckError('http.malformed', `${url.origin} answered no JSON: ${messageOf(error)}`)
  }
}
