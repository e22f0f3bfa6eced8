import {
  type Answer,
  type DecodedPacket,
  decode,
  encode,
  RECURSION_DESIRED,
  type RecordType,
} from 'dns-packet'
import { messageOf } from '../../base/app-error.ts'
import type { DnsCheck } from '../../protocol/kinds/dns.ts'
import { CheckError } from '../checks/check-runner.ts'

export type DnsQuery = { id: number; name: string; type: DnsCheck['recordType'] }

export type DnsReply = { isTruncated: boolean; rcode: string; answers: Answer[] }

/** RFC 1035 §2.3.4. */
const LABEL_BYTES_MAX = 63
const HEADER_BYTES = 12
/** Fits into one Ethernet frame (RFC 9715 §3.2). */
const UDP_BYTES_MAX = 1_232
/**
 * Records of all sections. A hostile message can make each of them cost as much as the whole
 * message is long, by pointers to pointers; this bounds the product.
 */
const RECORDS_MAX = 500
const FLAG_RESPONSE = 0x8000
const FLAG_TRUNCATED = 0x0200

/** @throws {CheckError} when the name cannot be asked for. */
export function encodeQuery({ id, name, type }: DnsQuery): Buffer {
  if (name.split('.').some((label) => Buffer.byteLength(label) > LABEL_BYTES_MAX))
    throw new CheckError('dns.malformed', `${name} has a label of more than 63 bytes`)
  return encode({
    type: 'query',
    id,
    flags: RECURSION_DESIRED,
    // ANY is a question only, which its types do not know.
    questions: [{ type: type as RecordType, name, class: 'IN' }],
    additionals: [
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize: UDP_BYTES_MAX,
        extendedRcode: 0,
        ednsVersion: 0,
        flags: 0,
        flag_do: false,
        options: [],
      },
    ],
  })
}

/**
 * Reads a message as the reply to a query; undefined when it is none: another id, another question.
 *
 * @throws {CheckError} `dns.malformed` when it is ours and cannot be read; never anything else.
 */
export function readReply(message: Buffer, query: DnsQuery): DnsReply | undefined {
  if (message.length < 4 || message.readUInt16BE(0) !== query.id) return undefined
  const flags = message.readUInt16BE(2)
  if ((flags & FLAG_RESPONSE) === 0) return undefined
  // Servers cut truncated answers wherever they are full: nothing after the flag can be relied on.
  if ((flags & FLAG_TRUNCATED) !== 0) return { isTruncated: true, rcode: 'NOERROR', answers: [] }
  const packet = decodeBounded(message)
  const rcode = rcodeOf(packet)
  if (!isSameQuestion(packet, query, rcode)) return undefined
  return { isTruncated: false, rcode, answers: packet.answers ?? [] }
}

type PacketWithRcode = DecodedPacket & { rcode?: string }

function decodeBounded(message: Buffer): PacketWithRcode {
  try {
    if (message.length < HEADER_BYTES) throw new Error('it is shorter than a header')
    const records = [4, 6, 8, 10].reduce((sum, at) => sum + message.readUInt16BE(at), 0)
    if (records > RECORDS_MAX) throw new Error(`it announces ${records} records`)
    const packet = decode(message)
    // It does not mind a record that says it is longer than the message.
    if (!(decode.bytes <= message.length)) throw new Error('a record ends behind its end')
    return packet
  } catch (error) {
    throw new CheckError('dns.malformed', `the answer cannot be read: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

/** RFC 6891 §6.1.3: the OPT record has the upper eight bits. */
function rcodeOf(packet: PacketWithRcode): string {
  const opt = packet.additionals?.find((record) => record.type === 'OPT')
  const extended = opt && 'extendedRcode' in opt ? opt.extendedRcode : 0
  if (extended === 0) return packet.rcode ?? 'NOERROR'
  return `RCODE_${(extended << 4) | ((packet.flags ?? 0) & 0xf)}`
}

/** A server that did not understand us may leave the question out. */
function isSameQuestion(packet: DecodedPacket, query: DnsQuery, rcode: string): boolean {
  const questions = packet.questions ?? []
  if (questions.length === 0) return rcode !== 'NOERROR' && rcode !== 'NXDOMAIN'
  const [question] = questions
  return (
    questions.length === 1 &&
    question !== undefined &&
    question.type === query.type &&
    plainName(question.name) === plainName(query.name)
  )
}

/** Names are equal whatever their case (RFC 4343), which some servers mangle. */
const plainName = (name: string): string => name.toLowerCase().replace(/\.$/, '')
