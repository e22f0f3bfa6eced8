import { z } from 'zod'
import { checkBase } from '../check-base.ts'
import { hostName, written, writtenTlsOptions } from '../written-base.ts'
import { writtenDuration, writtenNumber, writtenText, writtenValues } from '../written-matcher.ts'

export const DnsRecordType = z.enum([
  'A',
  'AAAA',
  'ANY',
  'CAA',
  'CNAME',
  'DNSKEY',
  'DS',
  'HTTPS',
  'MX',
  'NAPTR',
  'NS',
  'PTR',
  'SOA',
  'SRV',
  'SVCB',
  'TLSA',
  'TXT',
])
export type DnsRecordType = z.infer<typeof DnsRecordType>

/** `auto`: UDP, and TCP when the answer does not fit. `tls` is RFC 7858, `https` RFC 8484. */
export const DnsTransport = z.enum(['auto', 'udp', 'tcp', 'tls', 'https'])
export type DnsTransport = z.infer<typeof DnsTransport>

/**
 * What a `dns` check can expect. Each answer is written as in a zone file's data column; records of other
 * sections have their name and type in front: `shop.test. NS ns.shop.test.`
 */
export const DnsExpectations = z.strictObject({
  rcode: writtenText.optional(),
  answer: writtenValues.optional().describe('The data of the records asked for.'),
  answerCount: writtenNumber.optional(),
  authority: writtenValues
    .optional()
    .describe('Records of the authority section, as name, type and data.'),
  additional: writtenValues
    .optional()
    .describe('Records of the additional section, as name, type and data.'),
  ttl: writtenNumber.optional().describe('The lowest, in seconds.'),
  authoritative: z.boolean().optional().describe('The AA flag.'),
  authenticated: z.boolean().optional().describe('The AD flag: the resolver validated DNSSEC.'),
  recursionAvailable: z.boolean().optional().describe('The RA flag.'),
  serial: writtenNumber.optional().describe("The zone's serial, of a SOA record."),
  nameServersAgree: z
    .boolean()
    .optional()
    .describe('All name servers of the zone give the same answer; each is asked by itself.'),
  connect: writtenDuration.optional(),
  tls: writtenDuration.optional(),
  query: writtenDuration.optional(),
  total: writtenDuration.optional(),
})

const SERVER = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(:\d{1,5})?$/
const { trustedRoots, serverName } = writtenTlsOptions

const saysOneTransport = (written: {
  server?: string | undefined
  transport?: string | undefined
}) => !written.server?.startsWith('https://') || ['https', undefined].includes(written.transport)

export const WrittenDnsCheck = z
  .strictObject({
    ...written,
    kind: z.literal('dns'),
    // `name` is the question here, as in every DNS tool; the check's own name is its id.
    name: hostName.describe('The name to ask for.'),
    recordType: DnsRecordType.optional().describe('A when absent.'),
    server: z
      .union([z.string().regex(SERVER), z.ipv6(), z.url({ protocol: /^https$/ })], {
        error:
          'expected host, host:port, or for https an address such as https://dns.example.com/dns-query',
      })
      .optional()
      .describe("Name server to ask; the system's when absent."),
    transport: DnsTransport.optional().describe(
      'auto (UDP, then TCP when it does not fit), udp, tcp, tls (DoT) or https (DoH).',
    ),
    recursion: z
      .boolean()
      .optional()
      .describe('Whether the server shall ask others; true when absent.'),
    dnssec: z.boolean().optional().describe('Asks for signatures and validation (the DO flag).'),
    trustedRoots,
    serverName,
    expect: DnsExpectations.optional(),
    should: DnsExpectations.optional(),
  })
  .refine(saysOneTransport, {
    error: 'https, or none at all: the server is an https address',
    path: ['transport'],
  })

export const DnsCheck = z.object({
  ...checkBase,
  kind: z.literal('dns'),
  /** The name asked for. */
  questionName: z.string(),
  recordType: DnsRecordType,
  /** `host` or `host:port` of the name server, an address for DoH; the system's resolvers when absent. */
  server: z.string().optional(),
  /** `auto` when absent. */
  transport: DnsTransport.optional(),
  /** True when absent. */
  recursion: z.boolean().optional(),
  dnssec: z.boolean().optional(),
  trustedRoots: z.string().optional(),
  serverName: z.string().optional(),
})
export type DnsCheck = z.infer<typeof DnsCheck>
