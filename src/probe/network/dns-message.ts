import type { DnsRecordType } from '../../protocol/kinds/dns.ts'
import { CheckError } from '../checks/check-runner.ts'
import { LABEL_BYTES_MAX, MalformedMessage, MessageReader, NAME_BYTES_MAX } from './dns-reader.ts'
import { typeCode, typeName, zoneText } from './zone-text.ts'

export type DnsQuery = {
  id: number
  /** As people write it, with or without a dot at its end. */
  name: string
  type: DnsRecordType
  /** Whether the server shall ask others (RD). */
  recursion: boolean
  /** Whether signatures are wanted (DO). */
  dnssec: boolean
  /** Whether the query says what else we understand (RFC 6891). */
  edns: boolean
}

export type DnsRecord = {
  /** As in a zone file, with a dot at its end. */
  name: string
  type: string
  ttlS: number
  /** As in a zone file's data column. */
  data: string
}

/** A reply as far as it was read; of a truncated one, what can be read. The OPT record is left out. */
export type DnsReply = {
  rcode: string
  isTruncated: boolean
  isAuthoritative: boolean
  isRecursionAvailable: boolean
  isAuthenticated: boolean
  answers: DnsRecord[]
  authorities: DnsRecord[]
  additionals: DnsRecord[]
}

/** By TCP its length is sent in two bytes. */
export const MESSAGE_BYTES_MAX = 65_535
/** Fits into one Ethernet frame (RFC 9715 §3.2). */
const UDP_BYTES_MAX = 1_232
const CLASS_IN = 1
const TYPE_OPT = 41

const FLAG = {
  response: 0x8000,
  authoritative: 0x0400,
  truncated: 0x0200,
  recursionDesired: 0x0100,
  recursionAvailable: 0x0080,
  authenticated: 0x0020,
} as const
const OPT_FLAG_DO = 0x8000

/** @throws {CheckError} when the name cannot be asked for. */
export function encodeQuery({ id, name, type, recursion, dnssec, edns }: DnsQuery): Buffer {
  const encodedName = encodeName(name)
  const header = Buffer.alloc(12)
  // As `dig` asks: without the AD flag a resolver need not say what it validated (RFC 6840 §5.7).
  const flags = FLAG.authenticated | (recursion ? FLAG.recursionDesired : 0)
  for (const [index, word] of [id, flags, 1, 0, 0, edns ? 1 : 0].entries())
    header.writeUInt16BE(word, index * 2)
  const question = Buffer.alloc(4)
  question.writeUInt16BE(typeCode(type), 0)
  question.writeUInt16BE(CLASS_IN, 2)
  return Buffer.concat([header, encodedName, question, edns ? encodeOpt(dnssec) : Buffer.alloc(0)])
}

function encodeOpt(dnssec: boolean): Buffer {
  const opt = Buffer.alloc(11)
  opt.writeUInt16BE(TYPE_OPT, 1)
  opt.writeUInt16BE(UDP_BYTES_MAX, 3)
  opt.writeUInt16BE(dnssec ? OPT_FLAG_DO : 0, 7)
  return opt
}

function encodeName(name: string): Buffer {
  const labels = name
    .replace(/\.$/, '')
    .split('.')
    .map((label) => Buffer.from(label))
  const wrong = labels.find(({ length }) => length > LABEL_BYTES_MAX || length === 0)
  if (wrong)
    throw new CheckError(
      'dns.malformed',
      wrong.length === 0
        ? `${name} has an empty label`
        : `${name} has a label of more than ${LABEL_BYTES_MAX} bytes`,
    )
  const encoded = Buffer.concat(
    [...labels, Buffer.alloc(0)].flatMap((label) => [Buffer.from([label.length]), label]),
  )
  if (encoded.length > NAME_BYTES_MAX)
    throw new CheckError('dns.malformed', `${name} is longer than ${NAME_BYTES_MAX} bytes`)
  return encoded
}

/**
 * Reads a message as the reply to a query; undefined when it is none: another id, another question.
 *
 * @param target for people: whose reply it is.
 * @throws {CheckError} `dns.malformed` when it is ours and cannot be read; never anything else.
 */
export function readReply(message: Buffer, query: DnsQuery, target: string): DnsReply | undefined {
  try {
    return readMessage(message, query)
  } catch (error) {
    if (!(error instanceof MalformedMessage)) throw error
    const words = `the answer of ${target} cannot be read: ${error.message}`
    throw new CheckError('dns.malformed', words, { cause: error })
  }
}

function readMessage(message: Buffer, query: DnsQuery): DnsReply | undefined {
  if (message.length < 4 || message.readUInt16BE(0) !== query.id) return undefined
  const flags = message.readUInt16BE(2)
  const has = (flag: number) => (flags & flag) !== 0
  if (!has(FLAG.response)) return undefined
  if (message.length < 12) throw new MalformedMessage('it is shorter than a header')
  const reader = new MessageReader(message, 4)
  const [questions, ...counts] = [reader.u16(), reader.u16(), reader.u16(), reader.u16()]
  const isTruncated = has(FLAG.truncated)
  const sections = readSections(reader, counts, isTruncated, () =>
    isOurQuestion(reader, questions, query, flags & 0xf),
  )
  if (!sections) return undefined
  return {
    rcode: rcodeName((sections.extendedRcode << 4) | (flags & 0xf)),
    isTruncated,
    isAuthoritative: has(FLAG.authoritative),
    isRecursionAvailable: has(FLAG.recursionAvailable),
    isAuthenticated: has(FLAG.authenticated),
    answers: sections.records[0],
    authorities: sections.records[1],
    additionals: sections.records[2],
  }
}

/** A server that did not understand us may leave the question out. */
function isOurQuestion(
  reader: MessageReader,
  questions: number,
  query: DnsQuery,
  rcode: number,
): boolean {
  if (questions === 0) return !['NOERROR', 'NXDOMAIN'].includes(rcodeName(rcode))
  if (questions > 1) return false
  const name = reader.name()
  const type = reader.u16()
  reader.u16()
  return type === typeCode(query.type) && isSameName(name, query.name)
}

type Sections = {
  records: [answers: DnsRecord[], authorities: DnsRecord[], additionals: DnsRecord[]]
  /** The upper eight bits of the code (RFC 6891 §6.1.3). */
  extendedRcode: number
}

/** Servers cut truncated answers wherever they are full: of such a one, what is there counts. */
function readSections(
  reader: MessageReader,
  counts: readonly number[],
  isTruncated: boolean,
  isOurs: () => boolean,
): Sections | undefined {
  const sections: Sections = { records: [[], [], []], extendedRcode: 0 }
  try {
    if (!isOurs()) return undefined
    let opts = 0
    for (const [index, records] of sections.records.entries())
      for (let left = counts[index] ?? 0; left > 0; left--) {
        const record = readRecord(reader)
        if ('data' in record) records.push(record)
        else if ('extendedRcode' in record) {
          if (++opts > 1) throw new MalformedMessage('it has two OPT records')
          sections.extendedRcode = record.extendedRcode
        }
      }
  } catch (error) {
    if (!isTruncated) throw error
  }
  return sections
}

/** A record of the Internet's class, the OPT record, or one that is not about us. */
function readRecord(reader: MessageReader): DnsRecord | { extendedRcode: number } | object {
  const name = reader.name()
  const [code, recordClass, ttl] = [reader.u16(), reader.u16(), reader.u32()]
  const data = reader.part(reader.u16())
  if (code === TYPE_OPT) return readOpt(ttl, data)
  if (recordClass !== CLASS_IN) return {}
  // RFC 2181 §8: a number that looks negative means zero.
  const ttlS = ttl > 0x7fffffff ? 0 : ttl
  return { name, type: typeName(code), ttlS, data: zoneText(code, data) }
}

function readOpt(ttl: number, options: MessageReader): { extendedRcode: number } {
  while (options.left > 0) {
    options.u16()
    options.part(options.u16())
  }
  return { extendedRcode: ttl >>> 24 }
}

/** https://www.iana.org/assignments/dns-parameters, as `dig` writes them. */
const RCODES = new Map([
  [0, 'NOERROR'],
  [1, 'FORMERR'],
  [2, 'SERVFAIL'],
  [3, 'NXDOMAIN'],
  [4, 'NOTIMP'],
  [5, 'REFUSED'],
  [6, 'YXDOMAIN'],
  [7, 'YXRRSET'],
  [8, 'NXRRSET'],
  [9, 'NOTAUTH'],
  [10, 'NOTZONE'],
  [16, 'BADVERS'],
  [23, 'BADCOOKIE'],
])

const rcodeName = (code: number): string => RCODES.get(code) ?? `RCODE_${code}`

/** Names are equal whatever their case (RFC 4343), which some servers mangle. */
export const isSameName = (one: string, other: string): boolean =>
  plainName(one) === plainName(other)

/** In lower case, without a dot at its end. */
export const plainName = (name: string): string => name.toLowerCase().replace(/\.$/, '')
