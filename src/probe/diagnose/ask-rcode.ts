import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { encode, RECURSION_DESIRED, type RecordType } from 'dns-packet'
import type { Endpoint } from '../connect-to.ts'

const HEADER_BYTES = 12
const FLAG_RESPONSE = 0x8000
const FLAG_TRUNCATED = 0x0200
const RCODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED']
/** A datagram that got lost is sent again once. */
const RESEND_MS = 200

export type RcodeAnswer = { rcode: string; hasAnswers: boolean }

/**
 * Asks a name server one question by UDP, and reads no more of the reply than its header. Rejects with
 * the socket's error, or when the signal aborts.
 */
export async function askRcode(
  { host, port }: Endpoint,
  { name, type }: { name: string; type: string },
  signal: AbortSignal,
): Promise<RcodeAnswer> {
  signal.throwIfAborted()
  const id = randomInt(0x10000)
  const question = encode({
    type: 'query',
    id,
    flags: RECURSION_DESIRED,
    questions: [{ type: type as RecordType, name, class: 'IN' }],
  })
  const { promise, resolve, reject } = Promise.withResolvers<RcodeAnswer>()
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
  const send = () => socket.send(question, (error) => error && reject(error))
  const onAbort = () => reject(signal.reason)
  let resend: NodeJS.Timeout | undefined
  socket.on('error', reject)
  // Connected, so that datagrams from anybody else are not even seen.
  socket.once('connect', () => {
    send()
    resend = setTimeout(send, RESEND_MS)
  })
  socket.on('message', (message) => {
    const answer = readHeader(message, id)
    if (answer) resolve(answer)
  })
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    socket.connect(port, host)
    return await promise
  } finally {
    clearTimeout(resend)
    signal.removeEventListener('abort', onAbort)
    socket.close()
  }
}

function readHeader(message: Buffer, id: number): RcodeAnswer | undefined {
  if (message.length < HEADER_BYTES || message.readUInt16BE(0) !== id) return undefined
  const flags = message.readUInt16BE(2)
  if ((flags & FLAG_RESPONSE) === 0) return undefined
  const code = flags & 0xf
  const isTruncated = (flags & FLAG_TRUNCATED) !== 0
  return {
    rcode: RCODES[code] ?? `RCODE_${code}`,
    hasAnswers: isTruncated || message.readUInt16BE(6) > 0,
  }
}
