import { describeDuration } from '../../base/duration.ts'
import type { CheckDefinition } from '../../protocol/check.ts'
import { count } from './quantity.ts'

/** What a check does, in one line: `GET https://shop.example.com/`, `A records of shop.test`. */
export function targetWords(check: CheckDefinition): string {
  switch (check.kind) {
    case 'http':
      return `${check.method} ${check.url}`
    case 'api':
      return `${count(check.requests.length, 'request')}, one after the other`
    case 'dns':
      return `${check.recordType} records of ${check.questionName}, asked at ${check.server ?? "the system's name server"}`
    case 'tls':
      return `TLS with ${hostPort(check)}${check.startTls ? `, after ${check.startTls} turned to it` : ''}`
    case 'tcp':
      return `a connection to ${hostPort(check)}${check.tls ? ' over TLS' : ''}${turnWords(check.dialogue)}`
    case 'icmp':
      return `${count(check.count, 'echo request')} of ${check.size} bytes to ${check.host}`
    case 'websocket':
      return `a WebSocket to ${check.url}${turnWords(check.dialogue)}`
    case 'grpc':
      return `gRPC health of ${check.service === '' ? 'the whole server' : check.service} at ${hostPort(check)}${check.tls ? ' over TLS' : ''}`
    case 'smtp':
      return `an SMTP greeting of ${hostPort(check)}${{ none: '', starttls: ', then STARTTLS', tls: ' over TLS' }[check.security]}`
    case 'postgres':
      return `${check.login ? 'a query of PostgreSQL' : 'whether PostgreSQL accepts connections'} at ${hostPort(check)}${{ disable: '', require: ' over TLS', verify: ' over TLS with a certificate that is trusted' }[check.security]}${check.login?.writeTable === undefined ? '' : ', and a write that is rolled back'}`
    case 'heartbeat':
      return `a job that reports by itself, at most ${describeDuration(check.graceMs)} late`
    case 'journey':
      return `the journey ${check.script}${check.url ? ` from ${check.url}` : ''}, in a browser`
  }
}

const hostPort = ({ host, port }: { host: string; port: number }): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`

const turnWords = (turns: readonly unknown[] | undefined): string =>
  turns === undefined || turns.length === 0
    ? ''
    : `, then a dialogue of ${count(turns.length, 'turn')}`

/** What the one line and the rest of the page say already. */
const TOLD = new Set(
  'id serviceId name tier schedule regions expectations alert hash kind method url requests recordType questionName server startTls host port dialogue count size service security graceMs script timeoutMs retry'.split(
    ' ',
  ),
)

/** Options whose own name would not be understood. */
const OPTION_WORDS: Record<string, string> = {
  redirectsMax: 'redirects followed at most',
  httpVersion: 'HTTP version',
  bodyBase64: 'body, as base64',
  auth: 'signs in with',
  login: 'logs in with',
  proxy: 'through the proxy',
  secrets: 'secrets it may use',
  trustedRoots: 'trusts besides the system',
  serverName: 'name asked for in TLS',
  clientCertificate: 'client certificate',
  rdapServer: 'RDAP server',
  dnssec: 'DNSSEC',
  alpn: 'ALPN',
  tls: 'TLS',
  helloName: 'names itself',
  recycle: 'browser is replaced',
  ignoreHttpsErrors: 'ignores certificate errors',
  token: 'secret of its token',
}

/** Everything else about how a check is made, by name; what is empty is left out. */
export function optionWords(check: CheckDefinition): [name: string, value: string][] {
  const { retry, timeoutMs } = check
  const common: [string, string][] = [
    ['time limit', describeDuration(timeoutMs)],
    ...(retry
      ? [
          [
            'repeated at once',
            `${retry.on === 'any' ? 'after any failure' : 'after a failure of the network'}, ${count(retry.times, 'time')} at most`,
          ] as [string, string],
        ]
      : []),
  ]
  const own = Object.entries(check)
    .filter(([name, value]) => !TOLD.has(name) && !isEmpty(value))
    .map(([name, value]): [string, string] => [OPTION_WORDS[name] ?? name, optionValue(value)])
  return [...common, ...own]
}

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  (typeof value === 'object' && value !== null && Object.keys(value).length === 0)

function optionValue(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (Array.isArray(value)) return value.map(optionValue).join(', ')
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([name, item]) => `${name}: ${optionValue(item)}`)
      .join(', ')
  const text = String(value)
  const certificates = text.match(/-----BEGIN CERTIFICATE-----/g)?.length
  return certificates ? count(certificates, 'certificate') : text
}
