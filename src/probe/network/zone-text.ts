import { addressText } from './dns-address-text.ts'
import { MalformedMessage, type MessageReader, quotedText } from './dns-reader.ts'
import { svcbText } from './dns-svcb-text.ts'

type ReadData = (data: MessageReader) => string

const name: ReadData = (data) => data.name()
const u8: ReadData = (data) => String(data.u8())
const u16: ReadData = (data) => String(data.u16())
const u32: ReadData = (data) => String(data.u32())
const text: ReadData = (data) => quotedText(data.characterString())
const quotedRest: ReadData = (data) => quotedText(data.rest())
const hexRest: ReadData = (data) => data.rest().toString('hex').toUpperCase()
const base64Rest: ReadData = (data) => data.rest().toString('base64')
const address =
  (bytes: number): ReadData =>
  (data) =>
    addressText(data.bytes(bytes))
const coveredType: ReadData = (data) => typeName(data.u16())

/** Fields one after the other, with a space between. */
const row =
  (...fields: ReadData[]): ReadData =>
  (data) =>
    fields.map((read) => read(data)).join(' ')

const texts: ReadData = (data) => {
  const read = [text(data)]
  while (data.left > 0) read.push(text(data))
  return read.join(' ')
}

const tag: ReadData = (data) => {
  const read = data.characterString().toString('latin1')
  if (!/^[A-Za-z0-9]+$/.test(read)) throw new MalformedMessage('a CAA record has no valid tag')
  return read
}

/** RFC 4034 §3.2: `20260131235959`. */
const time: ReadData = (data) =>
  new Date(data.u32() * 1_000)
    .toISOString()
    .replace(/\.\d+Z$/, '')
    .replace(/\D/g, '')

const salt: ReadData = (data) => data.characterString().toString('hex').toUpperCase() || '-'

/** RFC 4034 §4.1.2: which types there are, in blocks of 256. */
const types: ReadData = (data) => {
  const names: string[] = []
  while (data.left > 0) {
    const first = data.u8() * 256
    for (const [index, byte] of data.characterString().entries())
      for (let bit = 0; bit < 8; bit++)
        if ((byte & (0x80 >> bit)) !== 0) names.push(typeName(first + index * 8 + bit))
  }
  return names.join(' ')
}

const BASE32 = '0123456789ABCDEFGHIJKLMNOPQRSTUV'

/** RFC 4648 §7, without padding: the hashes of NSEC3. */
const base32: ReadData = (data) => {
  const bits = Array.from(data.characterString(), (byte) => byte.toString(2).padStart(8, '0')).join(
    '',
  )
  return (bits.match(/.{1,5}/g) ?? [])
    .map((five) => BASE32[Number.parseInt(five.padEnd(5, '0'), 2)])
    .join('')
}

const ds = row(u16, u8, u8, hexRest)
const dnskey = row(u16, u8, u8, base64Rest)

/** Types with a name, and what their data looks like. */
const TYPES: Readonly<Record<string, { code: number; read: ReadData }>> = {
  A: { code: 1, read: address(4) },
  NS: { code: 2, read: name },
  CNAME: { code: 5, read: name },
  SOA: { code: 6, read: row(name, name, u32, u32, u32, u32, u32) },
  PTR: { code: 12, read: name },
  HINFO: { code: 13, read: row(text, text) },
  MX: { code: 15, read: row(u16, name) },
  TXT: { code: 16, read: texts },
  RP: { code: 17, read: row(name, name) },
  AAAA: { code: 28, read: address(16) },
  SRV: { code: 33, read: row(u16, u16, u16, name) },
  NAPTR: { code: 35, read: row(u16, u16, text, text, text, name) },
  DNAME: { code: 39, read: name },
  DS: { code: 43, read: ds },
  SSHFP: { code: 44, read: row(u8, u8, hexRest) },
  RRSIG: { code: 46, read: row(coveredType, u8, u8, u32, time, time, u16, name, base64Rest) },
  NSEC: { code: 47, read: row(name, types) },
  DNSKEY: { code: 48, read: dnskey },
  NSEC3: { code: 50, read: row(u8, u8, u16, salt, base32, types) },
  NSEC3PARAM: { code: 51, read: row(u8, u8, u16, salt) },
  TLSA: { code: 52, read: row(u8, u8, u8, hexRest) },
  CDS: { code: 59, read: ds },
  CDNSKEY: { code: 60, read: dnskey },
  SVCB: { code: 64, read: svcbText },
  HTTPS: { code: 65, read: svcbText },
  CAA: { code: 257, read: row(u8, tag, quotedRest) },
}

const NAMES = new Map(Object.entries(TYPES).map(([typed, { code }]) => [code, typed]))

/** `A`; `TYPE62` for one without a name here (RFC 3597). */
export const typeName = (code: number): string => NAMES.get(code) ?? `TYPE${code}`

/** A question only: no record has this type. */
const ANY = 255

export const typeCode = (type: string): number => TYPES[type]?.code ?? ANY

/**
 * A record's data as in a zone file's data column, and as `dig +short +nosplit` prints it: names end
 * in a dot, texts are in quotes, and data of an unknown type is as RFC 3597 has it.
 *
 * @throws {MalformedMessage} when the data is not what its type says.
 */
export function zoneText(code: number, data: MessageReader): string {
  const type = typeName(code)
  const known = TYPES[type]
  if (!known) {
    const bytes = data.rest()
    return `\\# ${bytes.length} ${bytes.toString('hex').toUpperCase()}`.trimEnd()
  }
  const read = known.read(data)
  if (data.left > 0) throw new MalformedMessage(`the data of a record of type ${type} is too long`)
  return read
}
