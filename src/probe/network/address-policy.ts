import { BlockList, isIP, isIPv6 } from 'node:net'
import { CheckError } from '../checks/check-runner.ts'

/**
 * Which addresses a region may connect to. It is asked about the very address that is connected to,
 * each time one is, so that neither a redirect nor a name that resolves differently the second time
 * leads elsewhere.
 */
export type AddressPolicy = {
  /** As the region's configuration names it, for processes that cannot share this object. */
  readonly name: 'any' | 'public'
  /** Why the address may not be connected to; undefined when it may. */
  problem(address: string): string | undefined
}

export const anyAddress: AddressPolicy = { name: 'any', problem: () => undefined }

/** The policy that a region's configuration names; without one, every address is allowed. */
export const policyNamed = (name: 'any' | 'public' | undefined): AddressPolicy =>
  name === 'public' ? publicAddresses : anyAddress

/** What is not the public Internet: IANA's special-purpose registries (RFC 6890), and multicast. */
const FORBIDDEN: readonly { network: string; prefix: number; what: string }[] = [
  { network: '0.0.0.0', prefix: 8, what: 'this machine' },
  { network: '10.0.0.0', prefix: 8, what: 'a private address' },
  { network: '100.64.0.0', prefix: 10, what: "a provider's inner address" },
  { network: '127.0.0.0', prefix: 8, what: 'this machine' },
  { network: '169.254.0.0', prefix: 16, what: 'a link-local address' },
  { network: '172.16.0.0', prefix: 12, what: 'a private address' },
  { network: '192.0.0.0', prefix: 24, what: 'a reserved address' },
  { network: '192.0.2.0', prefix: 24, what: 'an address of documentation' },
  { network: '192.88.99.0', prefix: 24, what: 'a reserved address' },
  { network: '192.168.0.0', prefix: 16, what: 'a private address' },
  { network: '198.18.0.0', prefix: 15, what: 'an address for benchmarks' },
  { network: '198.51.100.0', prefix: 24, what: 'an address of documentation' },
  { network: '203.0.113.0', prefix: 24, what: 'an address of documentation' },
  { network: '224.0.0.0', prefix: 4, what: 'a multicast address' },
  { network: '240.0.0.0', prefix: 4, what: 'a reserved address' },
  { network: '168.63.129.16', prefix: 32, what: "a cloud's metadata address" },
  { network: '::', prefix: 128, what: 'this machine' },
  { network: '::1', prefix: 128, what: 'this machine' },
  { network: '100::', prefix: 64, what: 'a reserved address' },
  { network: '2001::', prefix: 23, what: 'a reserved address' },
  { network: '2001:db8::', prefix: 32, what: 'an address of documentation' },
  { network: '3fff::', prefix: 20, what: 'an address of documentation' },
  { network: '5f00::', prefix: 16, what: 'a reserved address' },
  { network: 'fc00::', prefix: 7, what: 'a private address' },
  { network: 'fe80::', prefix: 10, what: 'a link-local address' },
  { network: 'fec0::', prefix: 10, what: 'a private address' },
  { network: 'ff00::', prefix: 8, what: 'a multicast address' },
]

/** All that is given out of IPv6; what lies outside is special or not assigned (RFC 4291 §2.4). */
const globalUnicast = new BlockList()
globalUnicast.addSubnet('2000::', 3, 'ipv6')

const lists = FORBIDDEN.map(({ network, prefix, what }) => {
  const list = new BlockList()
  list.addSubnet(network, prefix, isIPv6(network) ? 'ipv6' : 'ipv4')
  return { list, what }
})

/** Only addresses of the public Internet. */
export const publicAddresses: AddressPolicy = {
  name: 'public',
  problem(address) {
    const plain = address.replace(/%.*$/, '')
    const family = isIP(plain)
    if (family === 0) return 'no address'
    if (family === 4) return findIn(plain, 'ipv4')
    const inner = embeddedIpv4(plain)
    if (inner !== undefined) return findIn(inner, 'ipv4')
    const what = findIn(plain, 'ipv6')
    if (what !== undefined || globalUnicast.check(plain, 'ipv6')) return what
    return 'no address of the public Internet'
  },
}

const findIn = (address: string, family: 'ipv4' | 'ipv6') =>
  lists.find(({ list }) => list.check(address, family))?.what

const MAPPED = 0xffff
/**
 * RFC 6052: addresses behind a translator. Not its prefix for local use (RFC 8215), where only the
 * network itself knows which bits are the address.
 */
const NAT64 = [0x64, 0xff9b, 0, 0, 0, 0]

/** The IPv4 address that an IPv6 address stands for: mapped, compatible, NAT64, 6to4. */
export function embeddedIpv4(address: string): string | undefined {
  const words = wordsOf(address)
  const [a = 0, b = 0, c = 0, , , f = 0, g = 0, h = 0] = words
  const isZero = (count: number) => words.slice(0, count).every((word) => word === 0)
  if (isZero(5) && f === MAPPED) return dotted(g, h)
  if (isZero(6) && (g !== 0 || h > 1)) return dotted(g, h)
  if (NAT64.every((word, index) => words[index] === word)) return dotted(g, h)
  if (a === 0x2002) return dotted(b, c)
  return undefined
}

const dotted = (high: number, low: number) =>
  [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.')

/** The eight words of a valid IPv6 address. */
function wordsOf(address: string): number[] {
  const withWords = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) => {
    const word = (high: string, low: string) => ((Number(high) << 8) | Number(low)).toString(16)
    return `${word(a, b)}:${word(c, d)}`
  })
  const [head = '', tail] = withWords.split('::')
  const parse = (text: string) =>
    text === '' ? [] : text.split(':').map((word) => Number.parseInt(word, 16))
  const before = parse(head)
  const after = tail === undefined ? [] : parse(tail)
  const zeros = Array<number>(Math.max(0, 8 - before.length - after.length)).fill(0)
  return [...before, ...(tail === undefined ? [] : zeros), ...after]
}

/**
 * @param target for people: what was to be reached.
 * @throws {CheckError} `connect.forbidden` when the policy refuses the address.
 */
export function requireAllowed(policy: AddressPolicy, address: string, target: string): void {
  const what = policy.problem(address)
  if (what === undefined) return
  const where = target.includes(address) ? target : `${target} (${address})`
  throw new CheckError(
    'connect.forbidden',
    `${where} is ${what}, and probes of this region connect to public addresses only`,
  )
}
