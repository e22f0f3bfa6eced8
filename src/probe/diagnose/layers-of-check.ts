import type { ProbedCheck } from '../../protocol/check.ts'
import type { TlsCheck } from '../../protocol/kinds/tls.ts'
import type { RunError } from '../../protocol/run.ts'
import { endpointOf, endpointOfUrl } from '../checks/check-endpoint.ts'
import type { Endpoint } from '../connect-to.ts'

/** Which layers are looked at after a failure, of which endpoint; each needs those before it. */
export type LayersToTry = {
  endpoint: Endpoint
  tcp: boolean
  tls?: { serverName: string; trustedRoots: string | undefined }
  /** What is asked for with one GET: without user, password and query. */
  http?: URL
}

/** The question that a `dns` check asks, to be asked elsewhere too. */
export type QuestionToTry = { name: string; recordType: string; server: string | undefined }

export type DiagnosisPlan =
  | { kind: 'layers'; layers: LayersToTry }
  | { kind: 'question'; question: QuestionToTry }

type Failure = { error: RunError; facts: Readonly<Record<string, unknown>> }

/** What can be found out about a check's failure; undefined where that would tell nothing new. */
export function planDiagnosis(check: ProbedCheck, failure: Failure): DiagnosisPlan | undefined {
  // What the region's policy refuses is not tried in another way either.
  if (failure.error.type === 'connect.forbidden') return undefined
  const layers = layersOf(check, failure)
  if (layers) return { kind: 'layers', layers }
  if (check.kind !== 'dns') return undefined
  const { questionName: name, recordType, server, transport = 'auto' } = check
  // Another way to ask would be another question to a server that may only know the one.
  if (transport !== 'auto' && transport !== 'udp') return undefined
  return { kind: 'question', question: { name, recordType, server } }
}

function layersOf(check: ProbedCheck, failure: Failure): LayersToTry | undefined {
  switch (check.kind) {
    case 'http':
    case 'api':
      return webLayers(check, check.proxy?.url, failure)
    case 'websocket':
      return webLayers(check, undefined, failure)
    case 'tls':
      return { ...hostLayers(check), ...(startsWithTls(check) && tlsLayer(check, check.host)) }
    case 'tcp':
    case 'grpc':
      return { ...hostLayers(check), ...(check.tls && tlsLayer(check, check.host)) }
    case 'smtp':
      return { ...hostLayers(check), ...(check.security === 'tls' && tlsLayer(check, check.host)) }
    // It turns to TLS within its own protocol, where a handshake at once would tell nothing.
    case 'postgres':
      return hostLayers(check)
    case 'icmp':
      return { endpoint: { host: check.host, port: 0 }, tcp: false }
    // A name server is asked; a journey has its browser's own words.
    case 'dns':
    case 'journey':
      return undefined
  }
}

const hostLayers = ({ host, port }: Endpoint) => ({ endpoint: { host, port }, tcp: true })

/** With STARTTLS it begins within the conversation, which only the check's own runner knows. */
const startsWithTls = ({ startTls }: Pick<TlsCheck, 'startTls'>) => startTls === undefined

type TlsOptions = {
  serverName?: string | undefined
  trustedRoots?: string | undefined
  clientCertificate?: unknown
}

/** Not where the client must show a certificate: its key is for the check alone. */
const tlsLayer = (check: TlsOptions, host: string) =>
  check.clientCertificate === undefined && {
    tls: { serverName: check.serverName ?? host, trustedRoots: check.trustedRoots },
  }

function webLayers(
  check: ProbedCheck & TlsOptions,
  proxy: string | undefined,
  { facts }: Failure,
): LayersToTry | undefined {
  // Behind a proxy, only the way to the proxy is ours to look at.
  if (proxy !== undefined)
    return { ...hostLayers(endpointOfUrl(new URL(proxy))), ...proxyTls(proxy, check) }
  const url = lastUrl(check, facts)
  if (!url) return undefined
  const isSecure = url.protocol === 'https:' || url.protocol === 'wss:'
  const endpoint = endpointOfUrl(url)
  // Where a redirect led to another host, the run did not ask for the name that the check says either.
  const isOwn = ownUrls(check).some((own) => URL.parse(own)?.hostname === url.hostname)
  const options = isOwn ? check : { ...check, serverName: undefined }
  const tls = isSecure && tlsLayer(options, endpoint.host)
  const layers = { ...hostLayers(endpoint), ...tls }
  return isSecure && tls === false ? layers : { ...layers, http: url }
}

const proxyTls = (proxy: string, { trustedRoots }: TlsOptions) => {
  const { protocol, hostname } = new URL(proxy)
  return protocol === 'https:' && { tls: { serverName: hostname, trustedRoots } }
}

/** Where the run got to: the last redirect, else the check's own address. */
function lastUrl(check: ProbedCheck, facts: Failure['facts']): URL | undefined {
  const { finalUrl } = facts
  const reached = typeof finalUrl === 'string' ? URL.parse(finalUrl) : null
  const [own] = ownUrls(check)
  const url = reached ?? (own === undefined ? null : URL.parse(own))
  if (!url || endpointOf(check) === undefined) return undefined
  // It may hold secrets, or places for them.
  url.username = ''
  url.password = ''
  url.search = ''
  url.hash = ''
  if (/%7B%7B|\{\{/i.test(url.pathname)) url.pathname = '/'
  return url
}

function ownUrls(check: ProbedCheck): string[] {
  if (check.kind === 'http' || check.kind === 'websocket') return [check.url]
  return check.kind === 'api' ? check.requests.map(({ url }) => url) : []
}
