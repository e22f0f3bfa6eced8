import type { RunErrorType } from '../../protocol/run.ts'
import type { CheckContext } from '../checks/check-runner.ts'
import { CheckError } from '../checks/check-runner.ts'
import { classifyError } from '../checks/classify-error.ts'
import { followAnswers, serialOf } from './dns-answers.ts'
import { type AskParts, askNameServer, type NameServer, type Question } from './dns-ask.ts'
import { type DnsReply, isSameName, plainName } from './dns-message.ts'
import { createPhaseMeter } from './phase-meter.ts'
import { locate } from './timed-connect.ts'

const DNS_PORT = 53
/** A name server at one of its addresses; a zone with more is compared in part. */
const SERVERS_MAX = 20
/** Names are longer only to hurt; zones are not nested deeper. */
const ZONES_MAX = 16

/** What each name server of a zone says. */
export type Agreement = {
  agrees: boolean
  /** Whether nothing but silence keeps them from agreeing. */
  isOnlyLate: boolean
  /** Who says what, for people. */
  words: string
  /** `ns1.shop.test (192.0.2.1): 192.0.2.7`, one for each that was asked. */
  said: string[]
}

/** Asks the check's own name server, in the way that the check asks. */
export type AskUsual = (question: Question, parts: AskParts) => Promise<DnsReply>

/** One name server at one address; `server` is undefined where it could not be found. */
type Authority = { name: string; text: string; server?: NameServer; problem?: Problem }
type Problem = Pick<Said, 'what' | 'isLate'>

/** What an authority says; one that says nothing of use agrees with nobody. */
type Said = {
  who: string
  what: string
  isFine: boolean
  /** Whether its time was up before it said anything. */
  isLate?: boolean
}

/**
 * Finds the name servers of the zone that a name is in, asks each of their addresses by itself, at the
 * same time and without recursion, and compares what they say: serials of SOA records, else codes and
 * data. One that cannot be found, does not answer, or does not know the zone, does not agree.
 *
 * @throws {CheckError} when the zone has no name servers, or none of them can be reached from here.
 */
export async function compareNameServers(
  question: Question,
  askUsual: AskUsual,
  parts: AskParts,
  leftMs: number,
): Promise<Agreement> {
  const limited = withLimit(parts, leftMs)
  const zone = await findZone(question, (asked) => askUsual(asked, quietly(limited)))
  const { context } = limited
  context.findings.log(`name servers of ${zone.name}: ${zone.servers.join(', ')}`)
  if (zone.servers.length > SERVERS_MAX)
    context.findings.log(`only ${SERVERS_MAX} of the ${zone.servers.length} name servers are asked`)
  const found = await Promise.all(
    zone.servers.slice(0, SERVERS_MAX).map((name) => locateAuthority(name, limited)),
  )
  const authorities = found.flat()
  if (authorities.length > SERVERS_MAX)
    context.findings.log(`only ${SERVERS_MAX} of ${authorities.length} addresses are asked`)
  const asked = await Promise.all(
    authorities.slice(0, SERVERS_MAX).map((authority) => hear(authority, question, limited)),
  )
  const said = asked.filter((one) => one !== undefined)
  if (said.length === 0)
    throw new CheckError(
      'probe.network',
      `no name server of ${zone.name} can be reached from this probe`,
    )
  return judge(zone.name, said)
}

/** It is outside of what is measured, and ends before the run does. */
function withLimit(parts: AskParts, leftMs: number): AskParts {
  const { findings } = parts.context
  const signal = AbortSignal.any([parts.context.signal, AbortSignal.timeout(leftMs)])
  const unseen: CheckContext['findings'] = {
    ...findings,
    phase: () => undefined,
    fact: () => undefined,
    subject: () => undefined,
  }
  const context = { ...parts.context, signal, findings: { ...unseen, log: findings.log } }
  const quiet = { ...context, findings: { ...unseen, log: () => undefined } }
  return {
    ...parts,
    context,
    meter: createPhaseMeter(quiet, leftMs),
    tally: { attempts: 0, ignored: 0 },
    options: { transport: 'auto' },
  }
}

type Zone = { name: string; servers: string[] }

/**
 * Walks up from the name until somebody answers for a zone: with its name servers, or with its SOA
 * record, which tells where the zone begins.
 */
async function findZone(
  question: Question,
  ask: (question: Question) => Promise<DnsReply>,
): Promise<Zone> {
  let name = plainName(question.name)
  for (let asked = 0; asked < ZONES_MAX && name !== ''; asked++) {
    const reply = await ask({ ...question, name, type: 'NS', dnssec: false })
    const records = [...reply.answers, ...reply.authorities]
    const servers = records.filter(
      (record) => record.type === 'NS' && isWithin(name, plainName(record.name)),
    )
    const [first] = servers
    if (first && plainName(first.name) !== '') {
      const ofZone = servers.filter((record) => isSameName(record.name, first.name))
      return { name: plainName(first.name), servers: uniqueNames(ofZone.map(({ data }) => data)) }
    }
    const start = records.find((record) => record.type === 'SOA')
    const apex = start && plainName(start.name)
    const isAbove = apex !== undefined && apex !== name && isWithin(name, apex)
    name = isAbove ? apex : name.split('.').slice(1).join('.')
  }
  throw new CheckError('dns.no_answer', `no name servers are found for ${question.name}`)
}

const isWithin = (name: string, zone: string): boolean =>
  zone === '' || name === zone || name.endsWith(`.${zone}`)

const uniqueNames = (names: string[]): string[] => [...new Set(names.map(plainName))].toSorted()

async function locateAuthority(name: string, parts: AskParts): Promise<Authority[]> {
  const endpoint = { host: name, port: DNS_PORT }
  try {
    const located = await locate(endpoint, parts)
    return located.addresses.map((address) => ({
      name,
      text: `${name} (${address})`,
      server: { endpoint, located: { ...located, addresses: [address] } },
    }))
  } catch (error) {
    const { type, message } = classifyError(error, name)
    if (!isOurs(type))
      return [{ name, text: name, problem: { what: message, isLate: isLate(type) } }]
    parts.context.findings.log(message)
    return []
  }
}

/** What this probe may not or cannot reach says nothing about the zone. */
const isOurs = (type: RunErrorType) => type.startsWith('probe.') || type === 'connect.forbidden'

const isLate = (type: RunErrorType) => type === 'dns.timeout' || type === 'connect.timeout'

/** Undefined when it could not be asked from here. */
async function hear(
  { text, server, problem }: Authority,
  question: Question,
  parts: AskParts,
): Promise<Said | undefined> {
  if (!server) return { who: text, what: 'cannot be found', ...problem, isFine: false }
  try {
    const reply = await askNameServer(server, { ...question, recursion: false }, quietly(parts))
    return { who: text, ...whatIsSaid(reply, question) }
  } catch (error) {
    const { type, message } = classifyError(error, text)
    if (!isOurs(type))
      return {
        who: text,
        what: withoutName(type, message),
        isFine: false,
        isLate: isLate(type),
      }
    parts.context.findings.log(message)
    return undefined
  }
}

const quietly = (parts: AskParts): AskParts => ({
  ...parts,
  context: { ...parts.context, findings: { ...parts.context.findings, log: () => undefined } },
})

/** The usual reasons in few words; servers that share one are named together. */
function withoutName(type: RunErrorType, message: string): string {
  if (isLate(type)) return 'no answer in time'
  return type === 'connect.refused' ? 'refuses the connection' : message
}

function whatIsSaid(reply: DnsReply, { name, type }: Question): Omit<Said, 'who'> {
  const { rcode, answers, isAuthoritative } = reply
  if (!isAuthoritative) return { what: `does not know the zone (${rcode})`, isFine: false }
  // What lies behind an alias may be in a zone that only some of them know.
  const own = answers.filter((record) => isSameName(record.name, name))
  const { asked, aliases } = followAnswers(own, name, type)
  if (type === 'SOA' && asked[0]) return { what: `serial ${serialOf(asked[0])}`, isFine: true }
  const records = aliases.length > 0 ? aliases.slice(0, 1) : asked
  const data = records.map((record) => record.data).toSorted()
  if (rcode !== 'NOERROR') return { what: [rcode, ...data].join(' '), isFine: true }
  return { what: data.length === 0 ? `no ${type} record` : data.join(', '), isFine: true }
}

function judge(zone: string, said: readonly Said[]): Agreement {
  const groups = Map.groupBy(said, ({ what }) => what)
  const who = (group: readonly Said[]) => group.map((one) => one.who).join(', ')
  const words = [...groups].map(([what, group]) => `${who(group)}: ${what}`).join('; ')
  const spoke = said.filter((one) => !one.isLate)
  const doSpeakersAgree =
    new Set(spoke.map(({ what }) => what)).size <= 1 && spoke.every(({ isFine }) => isFine)
  return {
    agrees: doSpeakersAgree && spoke.length === said.length,
    isOnlyLate: doSpeakersAgree && spoke.length < said.length,
    words: `the name servers of ${zone} do not agree: ${words}`,
    said: said.map((one) => `${one.who}: ${one.what}`),
  }
}
