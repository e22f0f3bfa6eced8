import { expect, test } from 'vitest'
import { refuseLinkLocal } from '../../../../src/probe/network/link-local.ts'

const url = new URL('http://shop.test/latest?x=1')
const redirectTo = (...addresses: string[]) =>
  refuseLinkLocal(url, { addresses, port: 80, isRedirected: false })

test.each([
  '169.254.169.254',
  '169.254.170.2',
  '100.100.100.200',
  '192.0.0.192',
  '168.63.129.16',
  'fe80::1',
  'fe80::1%eth0',
  'fd00:ec2::254',
  '::ffff:169.254.169.254',
  '::ffff:6464:64c8',
  '64:ff9b::a9fe:a9fe',
  '64:ff9b::168.63.129.16',
  '2002:a9fe:a9fe::1',
])('a redirect does not lead to %s', (address) => {
  expect(() => redirectTo('192.0.2.1', address)).toThrow('redirected to http://shop.test/latest, a')
})

test.each(['192.0.2.1', '10.0.0.1', '100.100.100.201', '2001:db8::1', '::1', '::ffff:10.0.0.1'])(
  'a redirect may lead to %s',
  (address) => expect(() => redirectTo(address)).not.toThrow(),
)

test('where the probe was told to connect to is its own affair', () => {
  expect(() =>
    refuseLinkLocal(url, { addresses: ['169.254.169.254'], port: 80, isRedirected: true }),
  ).not.toThrow()
})
