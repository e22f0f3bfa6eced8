import { DnsRecordType } from '../../protocol/kinds/dns.ts'
import type { ProberImport } from './blackbox.ts'
import { addressesOf, hostAndPort, tlsOf } from './blackbox-options.ts'
import { type ForeignMapping, toPattern } from './foreign-file.ts'

/** Protocols that turn to TLS, by their usual port. */
const START_TLS: Readonly<Record<number, string>> = {
  21: 'ftp',
  25: 'smtp',
  110: 'pop3',
  143: 'imap',
  389: 'ldap',
  587: 'smtp',
  5432: 'postgres',
}

/** A module of the prober `tcp`; one that turns to TLS on the way becomes a check of kind `tls`. */
export const tcpOf: ProberImport = (tcp, target) => {
  const place = hostAndPort(target)
  if (!place) {
    tcp.leaveOut('query_response', `the target ${target} is no host:port`)
    return undefined
  }
  const turns = tcp.mappings('query_response')
  const around = { ...place, ...tlsOf(tcp), ...addressesOf(tcp) }
  if (turns.some((turn) => turn.flag('starttls'))) {
    const startTls = START_TLS[place.port]
    if (startTls === undefined) {
      tcp.leaveOut(
        'query_response',
        `which protocol turns to TLS on port ${place.port} is not known`,
      )
      return undefined
    }
    return { kind: 'tls', ...around, startTls }
  }
  const tls = tcp.flag('tls') ?? false
  const dialogue = turns.flatMap(turnOf)
  return {
    kind: 'tcp',
    ...around,
    ...(tls && { tls }),
    ...(dialogue.length > 0 && { dialogue }),
  }
}

function turnOf(turn: ForeignMapping): Record<string, string>[] {
  const turns: Record<string, string>[] = []
  const written = turn.text('expect')
  if (written !== undefined) {
    const expect = toPattern(written)
    if (expect !== undefined) turns.push({ expect })
    else turn.leaveOut('expect', 'is a pattern that cannot be said here; write it anew')
  }
  const send = turn.text('send')
  if (send?.includes('${'))
    turn.leaveOut('send', 'what was received cannot be put into what is sent')
  // The exporter ends what it sends with a line break.
  else if (send !== undefined) turns.push({ send: `${send}\n` })
  turn.leaveOutRest()
  return turns
}

/** A module of the prober `dns`: the target is the name server. */
export const dnsOf: ProberImport = (dns, target) => {
  const name = dns.text('query_name')
  const recordType = dns.text('query_type') ?? 'ANY'
  if (name === undefined || !DnsRecordType.safeParse(recordType).success) {
    dns.leaveOut('query_type', `${name ?? 'no name'} ${recordType} cannot be asked for`)
    return undefined
  }
  const isSecure = dns.flag('dns_over_tls') ?? false
  const transport = dns.text('transport_protocol') ?? 'udp'
  const recursion = dns.flag('recursion_desired') ?? true
  const rcodes = dns.texts('valid_rcodes')
  const expect = {
    ...(rcodes.length > 0 && { rcode: rcodes }),
    ...recordsOf(dns, 'validate_answer_rrs', 'answer'),
    ...recordsOf(dns, 'validate_authority_rrs', 'authority'),
    ...recordsOf(dns, 'validate_additional_rrs', 'additional'),
  }
  if (!isSecure) dns.take('tls_config')
  addressesOf(dns)
  return {
    kind: 'dns',
    name: name.replace(/(?<=.)\.$/, ''),
    recordType,
    server: target,
    transport: isSecure ? 'tls' : transport.startsWith('tcp') ? 'tcp' : 'udp',
    ...(!recursion && { recursion }),
    ...(isSecure && tlsOf(dns)),
    ...(Object.keys(expect).length > 0 && { expect }),
  }
}

const QUANTIFIERS = {
  fail_if_matches_regexp: 'none',
  fail_if_not_matches_regexp: 'all',
  fail_if_none_matches_regexp: 'any',
} as const

/** The exporter compares whole lines of a zone file, we only their data: anchors would mean another thing. */
const IS_ABOUT_DATA = /^[^\\^\s]*(\\\.[^\\^\s]*)*$/

function recordsOf(dns: ForeignMapping, key: string, subject: string): Record<string, unknown> {
  const section = dns.mapping(key)
  if (!section) return {}
  let matcher: Record<string, unknown> | undefined
  for (const [rule, quantifier] of Object.entries(QUANTIFIERS)) {
    const patterns = section.texts(rule)
    if (patterns.length === 0) continue
    const [only] = patterns
    if (only === undefined || patterns.length > 1 || matcher || !IS_ABOUT_DATA.test(only))
      section.leaveOut(rule, 'cannot be said here: write what the data of the records must be')
    else matcher = { [quantifier]: { matches: only } }
  }
  section.leaveOutRest()
  return matcher ? { [subject]: matcher } : {}
}

/** A module of the prober `icmp`. */
export const icmpOf: ProberImport = (icmp, target) => {
  const size = icmp.number('payload_size')
  return {
    kind: 'icmp',
    host: target,
    count: 1,
    ...(size !== undefined && { size }),
    ...addressesOf(icmp),
  }
}

/** A module of the prober `grpc`. */
export const grpcOf: ProberImport = (grpc, target) => {
  const place = hostAndPort(target)
  if (!place) {
    grpc.leaveOut('service', `the target ${target} is no host:port`)
    return undefined
  }
  const service = grpc.text('service')
  return {
    kind: 'grpc',
    ...place,
    tls: grpc.flag('tls') ?? false,
    ...(service && { service }),
    ...tlsOf(grpc),
    ...addressesOf(grpc),
  }
}
