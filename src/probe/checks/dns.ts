import { randomInt } from 'node:crypto'
import { getServers } from 'node:dns'
import { isIP } from 'node:net'
import type { Answer } from 'dns-packet'
import type { RunErrorType } from '../../protocol/run.ts'
import type { Endpoint } from '../connect-to.ts'
import { askByTcp, askByUdp } from '../network/dns-exchange.ts'
import type { DnsQuery, DnsReply } from '../network/dns-message.ts'
import { createPhaseMeter } from '../network/phase-meter.ts'
import {
  type ConnectParts,
  describeEndpoint,
  type Located,
  locate,
  openConnection,
} from '../network/timed-connect.ts'
import { zoneText } from '../network/zone-text.ts'
import { CheckError, type CheckRunner, type Findings } from './check-runner.ts'

const DNS_PORT = 53

/** Asks one name server one question. */
export const runDnsCheck: CheckRunner<'dns'> = async (check, context) => {
  const { clock, findings } = context
  const startedAt = clock.monotonic()
  const parts = { context, meter: createPhaseMeter(context, check.timeoutMs) }
  const query = { id: randomInt(0x10000), name: check.questionName, type: check.recordType }
  const server = parseServer(check.server ?? systemServer())
  const located = await locate(server, parts)
  const asking = ask(server, located, query, parts)
  const reply = await (check.server === undefined ? asking.catch(blameProbe) : asking)
  findings.subject('total', clock.monotonic() - startedAt)
  record(reply, query, { findings, server: describeEndpoint(server) })
}

/** The system's resolver is this probe's own: when it cannot be reached, the target is not known. */
function blameProbe(error: unknown): never {
  if (error instanceof CheckError && error.type.startsWith('connect.'))
    throw new CheckError('probe.network', `the resolver of this probe: ${error.message}`)
  throw error
}

/** By UDP; once more by TCP when the answer did not fit. */
async function ask(
  server: Endpoint,
  located: Located,
  query: DnsQuery,
  parts: ConnectParts,
): Promise<DnsReply> {
  const { context, meter } = parts
  const { findings } = context
  const target = describeEndpoint(server)
  const address = { host: located.addresses[0] ?? '', port: located.port }
  findings.fact('address', describeEndpoint(address))

  const udp = askByUdp(address, query, { findings, target })
  try {
    const overdue = { type: 'dns.timeout', what: udp.describe } as const
    const reply = await meter.measure('query', overdue, udp.reply)
    findings.fact('transport', reply.isTruncated ? 'tcp' : 'udp')
    if (!reply.isTruncated) return reply
  } finally {
    udp.close()
  }

  findings.log(`the answer of ${target} did not fit into a datagram, asked again by TCP`)
  const socket = await openConnection(server, located, parts)
  try {
    const overdue = { type: 'dns.timeout', what: `no answer from ${target} by TCP` } as const
    return await meter.measure('query', overdue, () => askByTcp(socket, query, target))
  } finally {
    socket.destroy()
  }
}

const RCODE_TYPES: Record<string, RunErrorType> = {
  NXDOMAIN: 'dns.not_found',
  SERVFAIL: 'dns.server_failure',
  REFUSED: 'dns.refused',
  FORMERR: 'dns.malformed',
}

function record(
  { rcode, answers }: DnsReply,
  { type }: DnsQuery,
  { findings, server }: { findings: Findings; server: string },
): void {
  const asked = answers.filter((record) => record.type === type)
  const texts = asked.map(zoneText)
  const ttls = answers.map(ttlOf).filter((ttl) => ttl !== undefined)
  const ttl = ttls.length > 0 ? Math.min(...ttls) : undefined
  for (const alias of answers)
    if (alias.type === 'CNAME' && type !== 'CNAME')
      findings.log(`${alias.name} is an alias of ${alias.data}`)

  findings.subject('rcode', rcode, ({ expected }) => ({
    type: RCODE_TYPES[rcode] ?? 'assertion',
    message: `rcode: expected ${expected}, got ${rcode} from ${server}`,
  }))
  const explain = texts.length === 0 && rcode === 'NOERROR' ? noAnswer(type, server) : undefined
  findings.subject('answer', texts, explain)
  findings.subject('answerCount', texts.length, explain)
  findings.subject('ttl', ttl)

  findings.fact('rcode', rcode)
  findings.fact('answers', texts)
  if (ttl !== undefined) findings.fact('ttl', ttl)
}

const noAnswer = (type: string, server: string) => () => ({
  type: 'dns.no_answer' as const,
  message: `${server} knows the name, but has no ${type} record for it`,
})

const ttlOf = (record: Answer): number | undefined => ('ttl' in record ? record.ttl : undefined)

function systemServer(): string {
  const [first] = getServers()
  if (first === undefined)
    throw new CheckError('probe.network', 'this probe has no resolver to ask')
  return first
}

/** `host`, `host:port`, `[v6]:port`, or a bare IPv6 address. */
export function parseServer(text: string): Endpoint {
  if (isIP(text) === 6) return { host: text, port: DNS_PORT }
  const match = /^\[?([^\]]+?)\]?(?::(\d+))?$/.exec(text)
  return { host: match?.[1] ?? text, port: Number(match?.[2] ?? DNS_PORT) }
}
