import { getServers } from 'node:dns'
import { isIP } from 'node:net'
import { codeOf } from '../../base/app-error.ts'
import type { RunErrorType } from '../../protocol/run.ts'
import { classifyError } from '../checks/classify-error.ts'
import { createFindingsRecorder } from '../checks/record-findings.ts'
import { anyAddress } from '../network/address-policy.ts'
import { parseServer } from '../network/dns-servers.ts'
import { createPhaseMeter } from '../network/phase-meter.ts'
import { resolveHost } from '../network/resolve-host.ts'
import { locate } from '../network/timed-connect.ts'
import { askRcode } from './ask-rcode.ts'
import type { DiagnosisContext } from './diagnose.ts'
import type { QuestionToTry } from './layers-of-check.ts'
import type { LayerFinding } from './name-broken-layer.ts'

/** One look-up of ours. */
const DNS_MS_MAX = 500

/** What the types of a failed look-up are called in the DNS itself. */
const RCODE_WORDS: Partial<Record<RunErrorType, string>> = {
  'dns.not_found': 'NXDOMAIN',
  'dns.no_answer': 'NOERROR without an address',
  'dns.server_failure': 'SERVFAIL',
  'dns.refused': 'REFUSED',
  'dns.malformed': 'an answer that cannot be read',
}

export type LookedUp = { findings: LayerFinding[]; addresses: string[] }

/** A host's addresses, by the probe's own resolver and beside it by another one. */
export async function lookUpHost(host: string, context: DiagnosisContext): Promise<LookedUp> {
  if (isIP(host) !== 0) return { findings: [], addresses: [host] }
  const [own, other] = [ownResolver(context), otherResolver(context)]
  const [first, second] = await Promise.all([
    lookUp(host, own, context, context.nameServers),
    other === undefined ? undefined : lookUp(host, other, context, [other], true),
  ])
  return {
    findings: [
      first.finding,
      ...(second ? [{ ...second.finding, isComparison: true as const }] : []),
    ],
    addresses: first.addresses,
  }
}

async function lookUp(
  host: string,
  subject: string,
  { clock, signal }: DiagnosisContext,
  servers: readonly string[] | undefined,
  isOther = false,
): Promise<{ finding: LayerFinding; addresses: string[] }> {
  const startedAt = clock.monotonic()
  const limited = AbortSignal.any([signal, AbortSignal.timeout(DNS_MS_MAX)])
  const finding = (isFine: boolean, message: string): LayerFinding => ({
    layer: 'dns',
    subject,
    isFine,
    ms: clock.monotonic() - startedAt,
    message,
    ...(limited.aborted && { isOverdue: true as const }),
  })
  try {
    const addresses = await resolveHost(host, {
      signal: limited,
      ...(servers && { servers }),
      // Another resolver is not asked about what this machine's own file says.
      ...(isOther && { hosts: () => undefined }),
    })
    return { finding: finding(true, 'NOERROR'), addresses }
  } catch (error) {
    return { finding: finding(false, lookUpWords(error, limited)), addresses: [] }
  }
}

function lookUpWords(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return `no answer within ${DNS_MS_MAX} ms`
  const { type, message } = classifyError(error)
  return RCODE_WORDS[type] ?? (type === 'dns.timeout' ? 'no answer' : message)
}

/** The question of a `dns` check, to its own server and beside it to another one. */
export async function askElsewhere(
  question: QuestionToTry,
  context: DiagnosisContext,
): Promise<LayerFinding[]> {
  const own = question.server ?? ownResolver(context)
  const other = [otherResolver(context), question.server && ownResolver(context)].find(
    (server) => server !== undefined && server !== '' && server !== own,
  )
  // The policy is about what checks name; the machine's and the region's resolvers are its operator's.
  const ours = { ...context, policy: anyAddress }
  const [first, second] = await Promise.all([
    ask(own, question, question.server === undefined ? ours : context),
    other === undefined || other === '' ? undefined : ask(other, question, ours),
  ])
  return second ? [first, { ...second, isComparison: true }] : [first]
}

async function ask(
  server: string,
  { name, recordType: type }: QuestionToTry,
  context: DiagnosisContext,
): Promise<LayerFinding> {
  const { clock, signal } = context
  const startedAt = clock.monotonic()
  const limited = AbortSignal.any([signal, AbortSignal.timeout(DNS_MS_MAX)])
  const finding = (isFine: boolean, message: string): LayerFinding => ({
    layer: 'dns',
    subject: server,
    isFine,
    ms: clock.monotonic() - startedAt,
    message,
    ...(limited.aborted && { isOverdue: true as const }),
  })
  try {
    const { findings } = createFindingsRecorder()
    const meter = createPhaseMeter({ clock, findings, signal: limited }, DNS_MS_MAX)
    const parts = { context: { ...context, findings, signal: limited }, meter }
    const { addresses, port } = await locate(parseServer(server).endpoint, parts)
    const answer = await askRcode({ host: addresses[0] ?? '', port }, { name, type }, limited)
    if (answer.rcode !== 'NOERROR') return finding(false, answer.rcode)
    return finding(true, answer.hasAnswers ? 'NOERROR' : `NOERROR without ${type} records`)
  } catch (error) {
    if (limited.aborted) return finding(false, `no answer within ${DNS_MS_MAX} ms`)
    const refused = codeOf(error) === 'ECONNREFUSED'
    return finding(false, refused ? 'no name server' : classifyError(error, server).message)
  }
}

const ownResolver = ({ nameServers }: DiagnosisContext): string =>
  nameServers?.[0] ?? getServers()[0] ?? 'this machine'

/** The region's own choice, else the second of the system's. */
const otherResolver = ({ resolvers, nameServers }: DiagnosisContext): string | undefined =>
  resolvers[0] ?? (nameServers ?? getServers())[1]
