import { isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyAddress, publicAddresses } from '../../../../src/probe/network/address-policy.ts'
import { resolveHost } from '../../../../src/probe/network/resolve-host.ts'

const refused = (address: string) => publicAddresses.problem(address) !== undefined

describe('public refuses', () => {
  test.each([
    '0.0.0.0',
    '0.1.2.3',
    '10.0.0.1',
    '10.255.255.255',
    '100.64.0.1',
    '100.127.255.255',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.0.1',
    '169.254.169.254',
    '169.254.170.2',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.1',
    '192.0.0.192',
    '192.0.2.1',
    '192.168.0.1',
    '192.168.255.255',
    '198.18.0.1',
    '198.19.255.255',
    '198.51.100.7',
    '203.0.113.9',
    '224.0.0.1',
    '239.255.255.250',
    '240.0.0.1',
    '255.255.255.255',
    '168.63.129.16',
    '192.88.99.1',
    '100.100.100.200',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:10.0.0.1',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '0:0:0:0:0:ffff:7f00:0001',
    '::127.0.0.1',
    '::7f00:1',
    '::ffff:0:127.0.0.1',
    '64:ff9b::127.0.0.1',
    '64:ff9b::7f00:1',
    '64:ff9b::a00:1',
    '64:ff9b:1::1',
    '64:ff9b:1::10.0.0.1',
    '64:ff9b:1:ffff::8.8.8.8',
    '2002:7f00:1::',
    '2002:a00:1::1',
    '2002:c0a8:101::1',
    '2002:a9fe:a9fe::',
    '2001::1',
    '2001:0:4136:e378:8000:63bf:3fff:fdd2',
    '2001:2::1',
    '2001:10::1',
    '2001:20::1',
    '2001:db8::1',
    '3fff::1',
    '5f00::1',
    '100::1',
    'fc00::1',
    'fd00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    'fe80::1%25eth0',
    'febf::1',
    'fec0::1',
    'ff02::1',
    'ff0e::1',
    '::1%lo',
    '',
    'localhost',
    '1.2.3',
    '0x7f.1',
    '4000::1',
    '8000::1',
  ])('%j', (address) => {
    expect(publicAddresses.problem(address)).toBeTypeOf('string')
  })
})

describe('public allows', () => {
  test.each([
    '1.1.1.1',
    '8.8.8.8',
    '9.255.255.255',
    '11.0.0.1',
    '100.63.255.255',
    '100.128.0.1',
    '126.255.255.255',
    '128.0.0.1',
    '172.15.255.255',
    '172.32.0.1',
    '192.167.255.255',
    '192.169.0.1',
    '198.17.255.255',
    '198.20.0.1',
    '223.255.255.255',
    '2606:4700:4700::1111',
    '2a00:1450:4001:82a::200e',
    '64:ff9b::8.8.8.8',
    '::ffff:8.8.8.8',
    '2002:808:808::1',
  ])('%s', (address) => {
    expect(publicAddresses.problem(address)).toBeUndefined()
  })

  test('and any allows everything', () => {
    expect(anyAddress.problem('169.254.169.254')).toBeUndefined()
  })
})

describe('however a web address writes it, it is this machine', () => {
  test.each([
    'http://127.1/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0x7f.0.0.1/',
    'http://0177.0.0.1/',
    'http://017700000001/',
    'http://127.0.0.1./',
    'http://0/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::1]/',
    'http://[0:0:0:0:0:0:0:1]/',
    'http://[::]/',
    'http://①②⑦.⓪.⓪.①/',
    'http://127。0。0。1/',
    'http://%31%32%37.0.0.1/',
    'http://localhost/',
    'http://localhost./',
    'http://LOCALHOST/',
    'http://shop.localhost/',
    'http://user@127.0.0.1/',
    'http://2852039166/',
    'http://0xa9fea9fe/',
    'http://0251.0376.0251.0376/',
  ])('%s', async (text) => {
    const host = new URL(text).hostname.replace(/^\[|\]$/g, '')
    const addresses = await resolveHost(host, { signal: AbortSignal.timeout(1_000) })
    expect(addresses.length).toBeGreaterThan(0)
    expect(addresses.filter((address) => !refused(address))).toEqual([])
  })
})

/** https://www.iana.org/assignments/iana-ipv4-special-registry and …/iana-ipv6-special-registry */
const SPECIAL_4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['240.0.0.0', 4],
] as const
const SPECIAL_6 = [
  [[0x64, 0xff9b, 1], 48],
  [[0x100], 64],
  [[0x100, 0, 0, 1], 64],
  [[0x2001], 23],
  [[0x2001, 0xdb8], 32],
  [[0x3fff], 20],
  [[0x5f00], 16],
  [[0xfc00], 7],
  [[0xfe80], 10],
] as const

const withPrefix4 = (network: string, prefix: number, random: number): string => {
  const base = network.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  const value = base + (random % 2 ** (32 - prefix))
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.')
}

test('everything that IANA calls special is refused, plain and inside IPv6', () => {
  fc.assert(
    fc.property(fc.constantFrom(...SPECIAL_4), fc.nat(0xffffffff), ([network, prefix], random) => {
      const address = withPrefix4(network, prefix, random)
      expect(isIP(address)).toBe(4)
      for (const form of [address, `::ffff:${address}`, `64:ff9b::${address}`])
        expect({ form, refused: refused(form) }).toEqual({ form, refused: true })
    }),
    { numRuns: 500 },
  )
  const word = fc.integer({ min: 0, max: 0xffff })
  fc.assert(
    fc.property(
      fc.constantFrom(...SPECIAL_6),
      fc.array(word, { minLength: 8, maxLength: 8 }),
      ([network, prefix], random) => {
        const words = random.map((value, index) => {
          const bits = Math.min(16, Math.max(0, prefix - index * 16))
          const mask = (0xffff << (16 - bits)) & 0xffff
          return ((network[index] ?? 0) & mask) | (value & ~mask & 0xffff)
        })
        const address = words.map((value) => value.toString(16)).join(':')
        expect({ address, refused: refused(address) }).toEqual({ address, refused: true })
      },
    ),
    { numRuns: 500 },
  )
})
