import type { TLSSocket } from 'node:tls'
import { Client, type Dispatcher } from 'undici'
import type { RunErrorType } from '../../protocol/run.ts'
import { CheckError } from '../checks/check-runner.ts'
import { type DnsTally, requireOurs } from './dns-exchange.ts'
import {
  type DnsQuery,
  type DnsReply,
  encodeQuery,
  MESSAGE_BYTES_MAX,
  readReply,
} from './dns-message.ts'
import { toCheckError } from './timed-connect.ts'
import { userAgent } from './user-agent.ts'

export const MEDIA_TYPE = 'application/dns-message'
const HEADER_BYTES_MAX = 64 * 1024

/**
 * Asks by RFC 8484, with HTTP/1.1 or HTTP/2, whichever the handshake agreed on. The connection is used
 * for nothing else. The caller has the deadline, and destroys the socket.
 */
export async function askByHttps(
  socket: TLSSocket,
  url: URL,
  query: DnsQuery,
  { target, tally }: { target: string; tally: DnsTally },
): Promise<DnsReply> {
  const client = new Client(url.origin, {
    // Not at once: the client would still be busy with asking, and never use the answer.
    connect: (_options, callback) => queueMicrotask(() => callback(null, socket)),
    allowH2: socket.alpnProtocol === 'h2',
    pipelining: 1,
    maxHeaderSize: HEADER_BYTES_MAX,
    // The run's own deadline is the only limit in time.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  try {
    tally.attempts++
    const message = await post(client, url, encodeQuery(query), target)
    return requireOurs(readReply(message, query, target), target)
  } catch (error) {
    throw notHttp(error, target)
  } finally {
    await client.destroy()
  }
}

async function post(client: Client, url: URL, message: Buffer, target: string): Promise<Buffer> {
  const answer = await client.request({
    method: 'POST',
    path: `${url.pathname}${url.search}`,
    headers: { 'content-type': MEDIA_TYPE, accept: MEDIA_TYPE, 'user-agent': userAgent() },
    body: message,
  })
  // A body that is not wanted is destroyed unread, which it reports as an error.
  answer.body.on('error', () => undefined)
  requireMessage(answer, target)
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > MESSAGE_BYTES_MAX)
      throw new CheckError(
        'dns.malformed',
        `the answer of ${target} is longer than the ${MESSAGE_BYTES_MAX} bytes of a DNS message`,
      )
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** RFC 8484 §4.2.1: whatever a name server says, it says with 200 and in this form. */
function requireMessage({ statusCode, headers }: Dispatcher.ResponseData, target: string): void {
  if (statusCode !== 200) {
    const to = headers.location === undefined ? '' : `, to ${[headers.location].flat()[0]}`
    throw new CheckError(
      statusErrorType(statusCode),
      `${target} answered with HTTP status ${statusCode}${to} instead of a DNS message`,
    )
  }
  const mediaType = [headers['content-type'] ?? []].flat()[0]
  if (mediaType?.split(';')[0]?.trim().toLowerCase() === MEDIA_TYPE) return
  throw new CheckError(
    'dns.malformed',
    `${target} answered with ${mediaType ?? 'no media type'} instead of ${MEDIA_TYPE}`,
  )
}

function statusErrorType(status: number): RunErrorType {
  if (status >= 500) return 'dns.server_failure'
  if (status >= 400) return 'dns.refused'
  return status >= 300 ? 'http.redirects' : 'dns.malformed'
}

/** What the client makes of bytes that are no HTTP has many names, and all are the server's fault. */
function notHttp(error: unknown, target: string): CheckError {
  const known = toCheckError(error, target)
  if (known.type !== 'probe.internal') return known
  return new CheckError('http.malformed', `${target} did not answer with valid HTTP`, {
    cause: error,
  })
}
