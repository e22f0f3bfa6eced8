import { BlockList, isIPv6, type Socket } from 'node:net'
import type { HttpCheck } from '../../protocol/kinds/http.ts'
import { decodeBody, decodeText } from '../network/decode-body.ts'
import { BODY_BYTES_MAX, exchange, type HttpAnswer } from '../network/http-exchange.ts'
import { type Hop, nextHop, withoutSecrets } from '../network/next-hop.ts'
import { createPhaseMeter } from '../network/phase-meter.ts'
import {
  type ConnectParts,
  describeEndpoint,
  type Located,
  locate,
  openConnection,
} from '../network/timed-connect.ts'
import { handshake } from '../network/tls-handshake.ts'
import { userAgent } from '../network/user-agent.ts'
import { type CheckContext, CheckError, type CheckRunner } from './check-runner.ts'

/**
 * Requests a page, follows its redirects, and writes down what came. Each hop has a connection of its
 * own, made for it and closed after it: what is measured is what a new visitor meets.
 */
export const runHttpCheck: CheckRunner<'http'> = async (check, context) => {
  const { clock, findings } = context
  const startedAt = clock.monotonic()
  const parts = { context, meter: createPhaseMeter(context, check.timeoutMs) }
  let hop: Hop | undefined = firstHop(check, context)
  for (let redirects = 0; hop; redirects++) hop = await runHop(hop, { ...parts, check, redirects })
  findings.subject('total', clock.monotonic() - startedAt)
}

type HopParts = ConnectParts & { context: CheckContext; check: HttpCheck; redirects: number }

/** One request and its answer; gives the hop that follows, if the answer is a redirect. */
async function runHop(hop: Hop, parts: HopParts): Promise<Hop | undefined> {
  const { context, meter, check, redirects } = parts
  const { findings } = context
  const endpoint = endpointOf(hop.url)
  const located = await locate(endpoint, parts)
  if (redirects > 0) refuseLinkLocal(hop.url, located)
  const tcp = await openConnection(endpoint, located, parts)
  try {
    const { remoteAddress = '', remotePort = 0 } = tcp
    findings.fact('address', describeEndpoint({ host: remoteAddress, port: remotePort }))
    findings.fact('finalUrl', withoutSecrets(hop.url))
    const socket = hop.url.protocol === 'https:' ? await secure(tcp, hop, parts) : tcp
    const target = describeEndpoint(endpoint)
    return await exchange(socket, hop, { meter, target }, async (answer) => {
      const next = check.redirectsMax > 0 ? follow(hop, answer, parts) : undefined
      if (!next) await recordAnswer(answer, context)
      return next
    })
  } finally {
    tcp.destroy()
  }
}

function firstHop(check: HttpCheck, { traceparent }: CheckContext): Hop {
  const url = new URL(check.url)
  const written = Object.entries(check.headers).map(([name, value]) => [name.toLowerCase(), value])
  const headers = {
    'user-agent': userAgent(),
    accept: '*/*',
    'accept-encoding': 'gzip, deflate, br',
    ...(url.username !== '' && { authorization: basicAuthorization(url) }),
    ...Object.fromEntries(written),
    ...(traceparent !== '' && { traceparent }),
  }
  return { url, method: check.method, headers, body: check.body }
}

function basicAuthorization({ username, password }: URL): string {
  const credentials = [username, password].map(decodeURIComponent).join(':')
  return `Basic ${Buffer.from(credentials).toString('base64')}`
}

function endpointOf(url: URL): { host: string; port: number } {
  const usual = url.protocol === 'https:' ? 443 : 80
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || usual) }
}

/** Nothing is sent to a server that cannot prove who it is. */
async function secure(tcp: Socket, hop: Hop, { context, meter, check }: HopParts): Promise<Socket> {
  const { clock, findings } = context
  const endpoint = endpointOf(hop.url)
  const { socket, certificate } = await handshake(tcp, {
    clock,
    meter,
    serverName: endpoint.host,
    target: describeEndpoint(endpoint),
    trustedRoots: check.trustedRoots,
  })
  findings.fact('certificateDaysLeft', certificate.daysLeft)
  const problem = certificate.problem ?? certificate.nameProblem
  if (!problem) return socket
  socket.destroy()
  throw new CheckError(problem.type, `${describeEndpoint(endpoint)}: ${problem.message}`)
}

function follow(hop: Hop, answer: HttpAnswer, parts: HopParts): Hop | undefined {
  const { context, check, redirects } = parts
  const next = nextHop(hop, answer.status, answer.headers.get('location'))
  if (!next) return undefined
  context.findings.log(`${answer.status} redirects to ${withoutSecrets(next.url)}`)
  if (redirects < check.redirectsMax) return next
  throw new CheckError(
    'http.redirects',
    `more than ${check.redirectsMax} redirects, the last one to ${withoutSecrets(next.url)}`,
  )
}

async function recordAnswer(answer: HttpAnswer, { findings }: CheckContext): Promise<void> {
  const { status, headers } = answer
  findings.subject('status', status)
  findings.fact('status', status)
  findings.fact('httpVersion', '1.1')
  for (const [name, value] of headers) findings.subjectPart('header', name, value)
  const raw = await answer.readBody()
  const body = await decodeBody(raw, headers.get('content-encoding'), BODY_BYTES_MAX)
  findings.subject('bodyBytes', body.length)
  findings.subject('body', decodeText(body, headers.get('content-type')))
}

const linkLocal = new BlockList()
linkLocal.addSubnet('169.254.0.0', 16, 'ipv4')
linkLocal.addSubnet('fe80::', 10, 'ipv6')
linkLocal.addAddress('fd00:ec2::254', 'ipv6')

/**
 * Clouds hand out a machine's credentials at such addresses. A target could send the probe there, and
 * read them in the public report of what its body was.
 */
function refuseLinkLocal(url: URL, { addresses, isRedirected }: Located): void {
  const family = (address: string) => (isIPv6(address) ? 'ipv6' : 'ipv4')
  if (isRedirected || !addresses.some((address) => linkLocal.check(address, family(address))))
    return
  throw new CheckError(
    'http.redirects',
    `redirected to ${withoutSecrets(url)}, a link-local address, which is never followed`,
  )
}
