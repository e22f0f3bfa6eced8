import { once } from 'node:events'
import { isIP, type Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Clock } from '../../base/clock.ts'
import { type PeerCertificate, readPeerCertificate } from './peer-certificate.ts'
import type { PhaseMeter } from './phase-meter.ts'
import { toCheckError } from './timed-connect.ts'
import { type ContextOptions, tlsContext } from './tls-context.ts'
import { openTlsSocket } from './tls-socket.ts'

export type Handshake = { socket: TLSSocket; certificate: PeerCertificate }

export type HandshakeOptions = ContextOptions & {
  clock: Clock
  meter: PhaseMeter
  /** Name for SNI and for the certificate; an address is only compared. */
  serverName: string
  /** For messages: `shop.test:443`. */
  target: string
  /** What is offered by ALPN, the best first; HTTP/1.1 when absent. */
  protocols?: readonly string[]
}

/**
 * Makes the TLS handshake, as phase `tls`. It ends even when the certificate is bad: that is an
 * answer, to be read and judged before anything is sent.
 */
export async function handshake(tcp: Socket, options: HandshakeOptions): Promise<Handshake> {
  const { clock, meter, serverName, target, protocols = ['http/1.1'] } = options
  const secureContext = tlsContext('modern', options)
  const overdue = { type: 'tls.handshake', what: `no TLS handshake with ${target}` } as const
  return meter.measure('tls', overdue, async (span) => {
    const socket = openTlsSocket(tcp, {
      secureContext,
      rejectUnauthorized: false,
      // Trust and name are separate questions; Node would mix them in one error.
      checkServerIdentity: () => undefined,
      ALPNProtocols: [...protocols],
      ...(isIP(serverName) === 0 && { servername: serverName }),
    })
    // Reading the certificate takes a while too, and is our time.
    socket.once('secureConnect', span.end)
    try {
      await once(socket, 'secureConnect')
      return { socket, certificate: readPeerCertificate(socket, serverName, clock.now()) }
    } catch (error) {
      socket.destroy()
      throw toCheckError(error, target)
    }
  })
}
