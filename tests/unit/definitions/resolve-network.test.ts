import { expect, test } from 'vitest'
import { resolveNetwork } from '../../../src/definitions/resolve-network.ts'
import { RegionsFile } from '../../../src/protocol/config.ts'

const NOTHING = { names: [], addresses: [], resolvers: [] }

test.each([
  {
    why: 'nothing is said: any address, and nothing to compare with',
    everywhere: {},
    region: {},
    network: { policy: 'any', references: NOTHING },
  },
  {
    why: 'said once for all regions',
    everywhere: { network: 'public', references: { names: ['example.com'] } },
    region: {},
    network: { policy: 'public', references: { ...NOTHING, names: ['example.com'] } },
  },
  {
    why: 'a region says otherwise, list by list',
    everywhere: {
      network: 'public',
      references: { names: ['example.com'], addresses: ['192.0.2.1:443'] },
    },
    region: {
      network: 'any',
      references: { addresses: ['[2001:db8::1]:443'], resolvers: ['192.0.2.53'] },
    },
    network: {
      policy: 'any',
      references: {
        names: ['example.com'],
        addresses: ['[2001:db8::1]:443'],
        resolvers: ['192.0.2.53'],
      },
    },
  },
])('$why', ({ everywhere, region, network }) => {
  const file = RegionsFile.parse({ ...everywhere, regions: [{ id: 'eu-west', ...region }] })
  const [first] = file.regions
  if (!first) throw new Error('there is one region')
  expect(resolveNetwork(file, first)).toEqual(network)
})

test.each([
  { why: 'the region of heartbeats', region: { id: 'coordinator' } },
  {
    why: 'an address without a port',
    region: { id: 'a', references: { addresses: ['192.0.2.1'] } },
  },
  {
    why: 'a resolver by name',
    region: { id: 'a', references: { resolvers: ['dns.example.com'] } },
  },
  { why: 'a policy that nobody knows', region: { id: 'a', network: 'private' } },
])('refused: $why', ({ region }) => {
  expect(RegionsFile.safeParse({ regions: [region] }).success).toBe(false)
})
