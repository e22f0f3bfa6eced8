import { randomInt } from 'node:crypto'
import type { DnsCheck } from '../../protocol/kinds/dns.ts'
import type { RunErrorType } from '../../protocol/run.ts'
import { type Agreement, compareNameServers } from '../network/dns-agreement.ts'
import { type DnsAnswers, followAnswers, recordText, serialOf } from '../network/dns-answers.ts'
import { type AskParts, askInTurn, askNameServer, describeServer } from '../network/dns-ask.ts'
import { type DnsReply, plainName } from '../network/dns-message.ts'
import { findNameServers, transportOf } from '../network/dns-servers.ts'
import { createPhaseMeter } from '../network/phase-meter.ts'
import type { CheckRunner, Explain, Findings } from './check-runner.ts'

/** Kept back from comparing name servers, so that a silent one is named and not run into. */
const MARGIN_MS = 50
const AGREEMENT = 'nameServersAgree'

/** Asks a name server one question; and, when it is expected that they agree, all of the zone's. */
export const runDnsCheck: CheckRunner<'dns'> = async (check, context) => {
  const { clock, findings } = context
  const startedAt = clock.monotonic()
  const leftMs = () => check.timeoutMs - (clock.monotonic() - startedAt)
  const { trustedRoots, serverName } = check
  const parts: AskParts = {
    context,
    meter: createPhaseMeter(context, check.timeoutMs),
    tally: { attempts: 0, ignored: 0 },
    options: {
      transport: transportOf(check),
      trustedRoots,
      serverName,
      isOwn: check.server === undefined,
    },
    nextId: () => randomInt(0x10000),
  }
  const question = {
    name: check.questionName,
    type: check.recordType,
    recursion: check.recursion ?? true,
    dnssec: check.dnssec ?? false,
  }
  const servers = await findNameServers(check, parts)
  const asking = askInTurn(servers, question, parts, leftMs()).finally(() => {
    findings.fact('attempts', parts.tally.attempts)
    if (parts.tally.ignored > 0) findings.fact('ignored', parts.tally.ignored)
  })
  const { reply, server } = await asking
  const totalMs = clock.monotonic() - startedAt
  findings.subject('total', totalMs)
  findings.duration(totalMs)
  record(reply, check, { findings, server: describeServer(server) })
  if (!check.expectations.some(({ subject }) => subject === AGREEMENT)) return
  const limitMs = Math.max(1, Math.floor(leftMs() - MARGIN_MS))
  const agreement = await compareNameServers(
    question,
    (asked, limited) => askNameServer(server, asked, { ...limited, options: parts.options }),
    parts,
    limitMs,
  )
  recordAgreement(agreement, findings)
}

type RecordParts = { findings: Findings; server: string }

function record(reply: DnsReply, check: DnsCheck, parts: RecordParts): void {
  const { findings, server } = parts
  const followed = followAnswers(reply.answers, check.questionName, check.recordType)
  for (const { name, data } of followed.aliases)
    findings.log(`${plainName(name)} is an alias of ${plainName(data)}`)
  for (const { name } of followed.strangers)
    findings.log(`${server} told of ${plainName(name)} too, which was not asked for`)
  recordFlags(reply, parts)
  recordAnswers(reply, followed, check, parts)
}

const RCODE_TYPES: Record<string, RunErrorType> = {
  NXDOMAIN: 'dns.not_found',
  SERVFAIL: 'dns.server_failure',
  REFUSED: 'dns.refused',
  FORMERR: 'dns.malformed',
}

function recordFlags(reply: DnsReply, { findings, server }: RecordParts): void {
  const { rcode, isTruncated, isAuthoritative, isAuthenticated, isRecursionAvailable } = reply
  findings.subject('rcode', rcode, ({ expected }) => ({
    type: RCODE_TYPES[rcode] ?? 'assertion',
    message: `rcode: expected ${expected}, got ${rcode} from ${server}`,
  }))
  const flags = [
    { subject: 'authoritative', flag: 'AA', isSet: isAuthoritative },
    { subject: 'authenticated', flag: 'AD', isSet: isAuthenticated },
    { subject: 'recursionAvailable', flag: 'RA', isSet: isRecursionAvailable },
  ]
  for (const { subject, flag, isSet } of flags)
    findings.subject(subject, isSet, () => ({
      type: 'assertion',
      message: `${subject}: the answer of ${server} has the flag ${flag} ${isSet ? '' : 'not '}set`,
    }))
  findings.fact('rcode', rcode)
  findings.fact(
    'flags',
    flags.filter(({ isSet }) => isSet).map(({ flag }) => flag.toLowerCase()),
  )
  if (isTruncated) findings.fact('truncated', true)
}

function recordAnswers(
  reply: DnsReply,
  followed: DnsAnswers,
  { recordType }: DnsCheck,
  { findings, server }: RecordParts,
): void {
  const texts = followed.asked.map(({ data }) => data)
  const ttls = reply.answers.map(({ ttlS }) => ttlS)
  const ttl = ttls.length > 0 ? Math.min(...ttls) : undefined
  const isEmpty = texts.length === 0 && reply.rcode === 'NOERROR'
  const explain: Explain = ({ subject, expected, actual }) =>
    isEmpty
      ? { type: 'dns.no_answer', message: whyEmpty(reply, followed, recordType, server) }
      : {
          type: 'assertion',
          message: `${subject}: expected ${expected}, got ${actual} from ${server}`,
        }
  const start = reply.answers.find(({ type }) => type === 'SOA')
  findings.subject('answer', texts, explain)
  findings.subject('answerCount', texts.length, explain)
  findings.subject('ttl', ttl, explain)
  findings.subject('serial', start && serialOf(start), explain)
  findings.subject('authority', reply.authorities.map(recordText), explainAs(server))
  findings.subject('additional', reply.additionals.map(recordText), explainAs(server))
  findings.fact('answers', texts)
  if (ttl !== undefined) findings.fact('ttl', ttl)
  if (start) findings.fact('serial', serialOf(start))
}

const explainAs =
  (server: string): Explain =>
  ({ subject, expected, actual }) => ({
    type: 'assertion',
    message: `${subject}: expected ${expected}, got ${actual} from ${server}`,
  })

/** What it means that nothing came although the name is not denied. */
function whyEmpty(
  { isTruncated, isAuthoritative, isRecursionAvailable, authorities }: DnsReply,
  { aliases, isCircle }: DnsAnswers,
  type: string,
  server: string,
): string {
  const last = aliases.at(-1)
  if (isCircle)
    return `the aliases that ${server} tells of lead in a circle of ${aliases.length}, back to ${plainName(last?.data ?? '')}`
  if (isTruncated)
    return `the answer of ${server} did not fit into a datagram, and no record is in it`
  if (last)
    return `${server} tells of an alias of ${plainName(last.data)}, but of no ${type} record for that`
  const referred = authorities.find((record) => record.type === 'NS')
  if (!isAuthoritative && referred)
    return `${server} does not know the zone itself and refers to ${plainName(referred.data)}`
  if (!isAuthoritative && !isRecursionAvailable)
    return `${server} is not responsible for the zone (a lame delegation): no answer, not authoritative, no recursion`
  return `${server} knows the name, but has no ${type} record for it`
}

/** Servers that only were silent are a time-out like any other: our own standstill may explain it. */
function recordAgreement({ agrees, isOnlyLate, words, said }: Agreement, findings: Findings): void {
  const type = isOnlyLate ? 'dns.timeout' : 'assertion'
  findings.subject(AGREEMENT, agrees, () => ({ type, message: words }))
  findings.fact('nameServers', said)
}
