import type { Answer } from 'dns-packet'

/**
 * A record's data as in a zone file's data column, and as `dig +short` prints it: names end in a dot,
 * texts are in quotes.
 */
export function zoneText(record: Answer): string {
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return record.data
    case 'CNAME':
    case 'NS':
    case 'PTR':
    case 'DNAME':
      return absolute(record.data)
    case 'MX':
      return `${record.data.preference ?? 0} ${absolute(record.data.exchange)}`
    case 'SRV': {
      const { priority = 0, weight = 0, port, target } = record.data
      return `${priority} ${weight} ${port} ${absolute(target)}`
    }
    case 'CAA':
      return `${record.data.flags ?? 0} ${record.data.tag} ${quoted(record.data.value)}`
    case 'TXT':
      return [record.data].flat().map(quoted).join(' ')
    case 'SOA': {
      const { mname, rname, serial, refresh, retry, expire, minimum } = record.data
      const numbers = [serial, refresh, retry, expire, minimum].map((value) => value ?? 0)
      return [absolute(mname), absolute(rname), ...numbers].join(' ')
    }
    default:
      return 'data' in record && Buffer.isBuffer(record.data) ? record.data.toString('hex') : ''
  }
}

const absolute = (name: string): string => (name.endsWith('.') ? name : `${name}.`)

function quoted(text: string | Buffer): string {
  return `"${text.toString('utf8').replace(/["\\]/g, '\\$&')}"`
}
