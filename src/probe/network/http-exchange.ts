import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { Client, type Dispatcher } from 'undici'
import { codeOf } from '../../base/app-error.ts'
import { CheckError } from '../checks/check-runner.ts'
import type { HttpRequest } from './http-request.ts'
import type { PhaseMeter } from './phase-meter.ts'
import { toCheckError } from './timed-connect.ts'

/** Of a body, as sent and as unpacked; pages are a tenth of this. */
export const BODY_BYTES_MAX = 2 * 1024 * 1024
const HEADER_BYTES_MAX = 64 * 1024

export type HttpAnswer = {
  status: number
  /** `1.0`, `1.1` or `2`. */
  httpVersion: string
  headers: ReadonlyMap<string, string>
  /** Reads the rest, as phase `download`. */
  readBody(): Promise<Buffer>
}

export type ExchangeOptions = {
  meter: PhaseMeter
  /** For messages: `shop.test:443`. */
  target: string
}

/**
 * Sends one request over a connection that is open already, and reads the answer's head as phases
 * `firstByte` and `download`. The connection is used for nothing else; `use` must read what it wants
 * before it returns.
 */
export async function exchange<T>(
  socket: Socket,
  hop: HttpRequest,
  options: ExchangeOptions,
  use: (answer: HttpAnswer) => Promise<T>,
): Promise<T> {
  const { target } = options
  const client = new Client(hop.url.origin, {
    // Not at once: the client would still be busy with asking, and never use the answer.
    connect: (_options, callback) => queueMicrotask(() => callback(null, socket)),
    allowH2: false,
    pipelining: 1,
    maxHeaderSize: HEADER_BYTES_MAX,
    // The run's own deadline is the only limit in time.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  try {
    return await use(await readHead(client, socket, hop, options))
  } catch (error) {
    // The client's own assertions fail on some answers, such as one with status 000.
    if (codeOf(error) === 'ERR_ASSERTION')
      throw new CheckError('http.malformed', `${target} did not answer with valid HTTP`)
    throw toCheckError(error, target)
  } finally {
    await client.destroy()
    socket.destroy()
  }
}

async function readHead(
  client: Client,
  socket: Socket,
  hop: HttpRequest,
  { meter, target }: ExchangeOptions,
): Promise<HttpAnswer> {
  const readable = new Promise<void>((resolve) => {
    socket.once('readable', resolve)
  })
  const { url, method, headers, body } = hop
  const answering = client.request({
    path: `${url.pathname}${url.search}`,
    method: method as Dispatcher.HttpMethod,
    headers,
    body: body ?? null,
  })
  // Whoever waits for it hears of a failure; after the deadline nobody does.
  answering.catch(() => undefined)

  const noByte = { type: 'timeout', what: `no first byte from ${target}` } as const
  await meter.measure('firstByte', noByte, () =>
    Promise.race([readable, answering]).then(() => undefined),
  )
  const noHead = { type: 'timeout', what: `no complete headers from ${target}` } as const
  const answer = await meter.measure('download', noHead, () => answering)
  // Bodies that are not wanted are destroyed unread, which they report as an error.
  answer.body.on('error', () => undefined)
  return {
    status: answer.statusCode,
    httpVersion: '1.1',
    headers: flatten(answer.headers),
    readBody: () => readBody(answer.body, { meter, target }),
  }
}

async function readBody(body: Readable, { meter, target }: ExchangeOptions): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  const what = () => `no complete body from ${target} (${bytes} bytes so far)`
  return meter.measure('download', { type: 'timeout', what }, async () => {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > BODY_BYTES_MAX)
        throw new CheckError(
          'http.too_large',
          `the body from ${target} is larger than the ${BODY_BYTES_MAX} bytes that are read`,
        )
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  })
}

/** Lower-case names; the same header twice is one with a comma, as RFC 9110 §5.3 has it. */
function flatten(
  headers: Record<string, string | string[] | undefined>,
): ReadonlyMap<string, string> {
  const flat = new Map<string, string>()
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) flat.set(name.toLowerCase(), [value].flat().join(', '))
  return flat
}
