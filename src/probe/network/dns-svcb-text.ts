import { addressText } from './dns-address-text.ts'
import { MalformedMessage, type MessageReader, quotedText } from './dns-reader.ts'

/** RFC 9460 §14.3.2 and RFC 9461 §5: the keys that have a name, in order of their numbers. */
const KEYS = [
  'mandatory',
  'alpn',
  'no-default-alpn',
  'port',
  'ipv4hint',
  'ech',
  'ipv6hint',
  'dohpath',
] as const
type NamedKey = (typeof KEYS)[number]

/** The data of a SVCB or HTTPS record, in the presentation format of RFC 9460 §2.1. */
export function svcbText(data: MessageReader): string {
  const parts = [String(data.u16()), data.name()]
  let last = -1
  while (data.left > 0) {
    const key = data.u16()
    // RFC 9460 §2.2. With it no key comes twice.
    if (key <= last) throw new MalformedMessage('the parameters of a service are out of order')
    last = key
    parts.push(parameterText(key, data.part(data.u16())))
  }
  return parts.join(' ')
}

const keyName = (key: number): string => KEYS[key] ?? `key${key}`

function parameterText(key: number, value: MessageReader): string {
  const known = KEYS[key]
  const name = keyName(key)
  const text = known === undefined ? otherText(value) : VALUES[known](value)
  if (value.left > 0) throw new MalformedMessage(`the parameter ${name} is longer than its value`)
  return text === '' ? name : `${name}=${text}`
}

const otherText = (value: MessageReader) => (value.left === 0 ? '' : quotedText(value.rest()))

const VALUES: Record<NamedKey, (value: MessageReader) => string> = {
  mandatory: (value) => listOf(value, 'mandatory', () => keyName(value.u16())),
  alpn: (value) =>
    quotedText(
      Buffer.from(
        listOf(value, 'alpn', () => protocol(value)),
        'latin1',
      ),
    ),
  'no-default-alpn': () => '',
  port: (value) => String(value.u16()),
  ipv4hint: (value) => listOf(value, 'ipv4hint', () => addressText(value.bytes(4))),
  ech: (value) => value.rest().toString('base64'),
  ipv6hint: (value) => listOf(value, 'ipv6hint', () => addressText(value.bytes(16))),
  dohpath: otherText,
}

function listOf(value: MessageReader, name: NamedKey, read: () => string): string {
  if (value.left === 0) throw new MalformedMessage(`the parameter ${name} is empty`)
  const items: string[] = []
  while (value.left > 0) items.push(read())
  return items.join(',')
}

/** RFC 9460 appendix A.1: a comma that is part of a value has a backslash in front. */
const protocol = (value: MessageReader): string =>
  value.characterString().toString('latin1').replace(/[\\,]/g, '\\$&')
