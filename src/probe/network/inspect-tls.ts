import { once } from 'node:events'
import { isIP, type Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { CheckError } from '../checks/check-runner.ts'
import { toCheckError } from './timed-connect.ts'
import { type ContextOptions, type TlsManner, tlsContext } from './tls-context.ts'
import { openTlsSocket } from './tls-socket.ts'

export type InspectOptions = ContextOptions & {
  manner: TlsManner
  /** Name for SNI and for the certificate; an address is only compared. */
  serverName: string
  /** For messages: `shop.test:443`. */
  target: string
  /** Protocols to offer by ALPN; none when empty. */
  alpn: readonly string[]
  /** Ends the handshake when the certificate is bad, with OpenSSL's words for why. */
  isStrict?: boolean
  /** Ends the waiting, where no phase is measured that does. */
  signal?: AbortSignal
}

export type InspectedSocket = {
  socket: TLSSocket
  /** The OCSP response that the server sent along. */
  staple: Buffer | undefined
}

/**
 * Makes a TLS handshake to look at, always a complete one. Unless it is strict, it ends even when the
 * certificate is bad: that is an answer, to be read and judged before anything is sent.
 *
 * @throws {CheckError} when there is no handshake; the strict one throws OpenSSL's own error.
 */
export async function inspectTls(tcp: Socket, options: InspectOptions): Promise<InspectedSocket> {
  const { manner, serverName, target, alpn, isStrict = false } = options
  const socket = openTlsSocket(tcp, {
    secureContext: tlsContext(manner, options),
    rejectUnauthorized: isStrict,
    requestOCSP: true,
    // Trust and name are separate questions; Node would mix them in one error.
    checkServerIdentity: () => undefined,
    ...(alpn.length > 0 && { ALPNProtocols: [...alpn] }),
    ...(isIP(serverName) === 0 && { servername: serverName }),
  })
  let staple: Buffer | undefined
  socket.once('OCSPResponse', (response: Buffer | null | undefined) => {
    if (response && response.length > 0) staple = response
  })
  try {
    await once(socket, 'secureConnect', options.signal ? { signal: options.signal } : {})
    return { socket, staple }
  } catch (error) {
    socket.destroy()
    throw isStrict ? error : describeFailure(error, target)
  }
}

/** OpenSSL reads no more than 100 KiB of certificates, and says of more that it is "excessive". */
function describeFailure(error: unknown, target: string): CheckError {
  const failure = toCheckError(error, target)
  if (!/excessive message size/i.test(failure.message)) return failure
  return new CheckError(
    failure.type,
    `TLS handshake with ${target} failed: it sends more certificates than the 100 KiB that clients read`,
    { cause: error },
  )
}
