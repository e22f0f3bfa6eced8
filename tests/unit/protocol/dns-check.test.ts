import { expect, test } from 'vitest'
import { WrittenDnsCheck } from '../../../src/protocol/kinds/dns.ts'

const isAccepted = (more: object) =>
  WrittenDnsCheck.safeParse({ id: 'names', kind: 'dns', name: 'shop.test', ...more }).success

test.each([
  { server: 'ns.shop.test' },
  { server: 'ns.shop.test:5353' },
  { server: '192.0.2.1:53' },
  { server: '2001:db8::1' },
  { server: '[2001:db8::1]' },
  { server: '[2001:db8::1]:53' },
  { server: 'https://dns.test/dns-query' },
  { server: 'https://dns.test/dns-query', transport: 'https' },
  { server: 'dns.test', transport: 'https' },
])('a name server: $server $transport', (written) => {
  expect(isAccepted(written)).toBe(true)
})

test.each([
  { server: 'http://dns.test/dns-query' },
  { server: 'ns shop' },
  { server: '2001:db8::1:zz' },
  { server: 'https://dns.test/dns-query', transport: 'tls' },
  { server: 'https://dns.test/dns-query', transport: 'auto' },
])('no name server: $server $transport', (written) => {
  expect(isAccepted(written)).toBe(false)
})
