import type { DnsRecordType } from '../../protocol/kinds/dns.ts'
import { type DnsRecord, plainName } from './dns-message.ts'

/** What an answer says about the name that was asked for. */
export type DnsAnswers = {
  /** Records of the type that was asked for, of the name or of what it is an alias of. */
  asked: DnsRecord[]
  /** From one alias to the next, in the order of the names. */
  aliases: DnsRecord[]
  /** The aliases lead in a circle. */
  isCircle: boolean
  /** Records that are about neither, which nobody has asked for. */
  strangers: DnsRecord[]
}

/** Follows the aliases of an answer; each of its records is looked at once. */
export function followAnswers(
  answers: readonly DnsRecord[],
  name: string,
  type: DnsRecordType,
): DnsAnswers {
  const byName = Map.groupBy(answers, (record) => plainName(record.name))
  const aliases: DnsRecord[] = []
  const visited = new Set([plainName(name)])
  let current = plainName(name)
  let isCircle = false
  while (type !== 'CNAME' && type !== 'ANY') {
    const alias = byName.get(current)?.find((record) => record.type === 'CNAME')
    if (!alias) break
    aliases.push(alias)
    current = plainName(alias.data)
    isCircle = visited.has(current)
    if (isCircle) break
    visited.add(current)
  }
  const isAsked = (record: DnsRecord) => type === 'ANY' || record.type === type
  const asked = isCircle ? [] : (byName.get(current) ?? []).filter(isAsked)
  const strangers = answers.filter(
    (record) => record.type === type && !visited.has(plainName(record.name)),
  )
  return { asked, aliases, isCircle, strangers }
}

/** Of a SOA record. No name in its data has a space. */
export const serialOf = ({ data }: DnsRecord): number => Number(data.split(' ')[2])

/** A record of the authority or additional section for expectations: without its TTL, which changes. */
export const recordText = ({ name, type, data }: DnsRecord): string => `${name} ${type} ${data}`
