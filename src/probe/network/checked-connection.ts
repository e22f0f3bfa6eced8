import type { Socket } from 'node:net'
import type { ClientCertificate } from '../../protocol/check-base.ts'
import type { StartTls } from '../../protocol/kinds/tls.ts'
import type { CheckContext } from '../checks/check-runner.ts'
import type { Endpoint } from '../connect-to.ts'
import { requireValid } from './peer-certificate.ts'
import { startTls } from './start-tls.ts'
import { type ConnectParts, describeEndpoint, locate, openConnection } from './timed-connect.ts'
import { handshake } from './tls-handshake.ts'

/** How a connection is secured; as checks of several kinds write it. */
export type SecureOptions = {
  trustedRoots?: string | undefined
  serverName?: string | undefined
  clientCertificate?: ClientCertificate | undefined
  /** What is offered by ALPN, the best first. */
  protocols: readonly string[]
  /** The protocol in whose words TLS is asked for first; from the first byte when absent. */
  startTls?: StartTls
  /** Whether a certificate that is bad, or somebody else's, ends it; it does when absent. */
  isVerified?: boolean
}

export type CheckedConnectParts = ConnectParts & {
  context: CheckContext
  /** Plain when absent. */
  secure?: SecureOptions | undefined
}

/**
 * Opens a connection to an endpoint, as phases `dns`, `connect` and `tls` (`exchange` where TLS is
 * asked for), and lends it to `use`; it
 * is gone afterwards, whatever happens. Nothing is said to a server that cannot prove who it is.
 *
 * @throws {CheckError} of type `dns.…`, `connect.…` or `tls.…`; `probe.secret_missing` for the key of
 * the client's certificate.
 */
export async function withConnection<T>(
  endpoint: Endpoint,
  parts: CheckedConnectParts,
  use: (socket: Socket) => Promise<T>,
): Promise<T> {
  const { secure, context } = parts
  const located = await locate(endpoint, parts)
  const tcp = await openConnection(endpoint, located, parts)
  try {
    context.findings.fact(
      'address',
      describeEndpoint({ host: tcp.remoteAddress ?? '', port: tcp.remotePort ?? 0 }),
    )
    return await use(secure ? await secured(tcp, endpoint, secure, parts) : tcp)
  } finally {
    // A TLS socket above it goes with it.
    tcp.destroy()
  }
}

async function secured(
  tcp: Socket,
  endpoint: Endpoint,
  secure: SecureOptions,
  { context, meter }: CheckedConnectParts,
): Promise<Socket> {
  const { clock, findings, secret } = context
  const { trustedRoots, serverName = endpoint.host, clientCertificate, protocols } = secure
  const target = describeEndpoint(endpoint)
  if (secure.startTls)
    await startTls(tcp, secure.startTls, { meter, target, helloName: endpoint.host })
  const trust = { trustedRoots, clientCertificate, secret }
  const options = { ...trust, clock, meter, serverName, target, protocols }
  const { socket, certificate } = await handshake(tcp, options)
  findings.subject('certificateDaysLeft', certificate.daysLeft)
  findings.fact('certificateDaysLeft', certificate.daysLeft)
  if (secure.isVerified !== false) requireValid(certificate, target)
  return socket
}
