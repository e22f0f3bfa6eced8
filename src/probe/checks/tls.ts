import type { TLSSocket } from 'node:tls'
import { within } from '../../runtime/deadline.ts'
import { createPhaseMeter } from '../network/phase-meter.ts'
import { describeEndpoint, locate, openConnection } from '../network/timed-connect.ts'
import { type Handshake, handshake } from '../network/tls-handshake.ts'
import type { CheckRunner, Findings } from './check-runner.ts'

/** How long a server may take to close its side; the check's time is over by then. */
const LEAVE_MS = 100

/** Looks at the certificate that a server presents. What it finds is kept for bad ones as well. */
export const runTlsCheck: CheckRunner<'tls'> = async (check, context) => {
  const { clock, findings } = context
  const startedAt = clock.monotonic()
  const meter = createPhaseMeter(context, check.timeoutMs)
  const parts = { context, meter }
  const endpoint = { host: check.host, port: check.port }
  const target = describeEndpoint(endpoint)

  const located = await locate(endpoint, parts)
  const tcp = await openConnection(endpoint, located, parts)
  try {
    findings.fact(
      'address',
      describeEndpoint({ host: tcp.remoteAddress ?? '', port: tcp.remotePort ?? 0 }),
    )
    const serverName = check.serverName ?? check.host
    const { trustedRoots } = check
    const shaken = await handshake(tcp, { clock, meter, serverName, target, trustedRoots })
    const totalMs = clock.monotonic() - startedAt
    findings.subject('total', totalMs)
    findings.duration(totalMs)
    record(shaken, findings)
    await leave(shaken.socket)
  } finally {
    tcp.destroy()
  }
}

/** Ends in order. Many servers write down a client that just vanishes as a handshake that failed. */
async function leave(socket: TLSSocket): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => resolve())
  })
  socket.resume().end()
  await within(LEAVE_MS, closed)
  socket.destroy()
}

function record({ socket, certificate }: Handshake, findings: Findings): void {
  const { daysLeft, issuer, problem, nameProblem } = certificate
  const protocol = socket.getProtocol() ?? undefined
  const isExpired = problem?.type === 'tls.expired'

  findings.subject('daysLeft', daysLeft, isExpired ? () => problem : undefined)
  findings.subject('trusted', problem === undefined, problem && (() => problem))
  findings.subject('hostNameMatches', nameProblem === undefined, nameProblem && (() => nameProblem))
  findings.subject('protocol', protocol)
  findings.subject('issuer', issuer)

  findings.fact('certificateDaysLeft', daysLeft)
  findings.fact('validTo', certificate.validTo)
  findings.fact('issuer', issuer)
  findings.fact('subject', certificate.subject)
  findings.fact('alternativeNames', certificate.alternativeNames)
  findings.fact('trusted', problem === undefined)
  findings.fact('hostNameMatches', nameProblem === undefined)
  findings.fact('cipher', socket.getCipher()?.name ?? 'unknown')
  if (protocol) findings.fact('protocol', protocol)
  if (certificate.authorizationError)
    findings.fact('authorizationError', certificate.authorizationError)
}
