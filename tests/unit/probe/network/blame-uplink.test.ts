import { describe, expect, test } from 'vitest'
import { blameUplink } from '../../../../src/probe/network/blame-uplink.ts'
import type { Phase, RunErrorType } from '../../../../src/protocol/run.ts'

const fine = (subject: string) => ({ subject, isFine: true, message: 'accepted' })
const dead = (subject: string) => ({ subject, isFine: false, message: 'refused' })

const blame = (
  type: RunErrorType,
  findings: Parameters<typeof blameUplink>[1],
  { isOwnResolver = true, phases = [] as Phase[] } = {},
) =>
  blameUplink({ error: { type, message: 'what the check saw' }, phases, isOwnResolver }, findings)

describe('a failure of the network is', () => {
  test.each([
    {
      why: 'ours: no name is found',
      type: 'dns.timeout',
      names: [dead('a.test'), dead('b.test')],
      addresses: [fine('192.0.2.1:443')],
      isOurs: true,
    },
    {
      why: 'not ours: one name is found',
      type: 'dns.not_found',
      names: [dead('a.test'), fine('b.test')],
      addresses: [dead('192.0.2.1:443')],
      isOurs: false,
    },
    {
      why: 'ours: there are only addresses, and all fail',
      type: 'dns.timeout',
      names: [],
      addresses: [dead('192.0.2.1:443')],
      isOurs: true,
    },
    {
      why: 'ours: no address accepts',
      type: 'connect.timeout',
      names: [fine('a.test')],
      addresses: [dead('192.0.2.1:443')],
      isOurs: true,
    },
    {
      why: 'not ours: one address accepts',
      type: 'connect.refused',
      names: [dead('a.test')],
      addresses: [dead('192.0.2.1:443'), fine('192.0.2.2:443')],
      isOurs: false,
    },
    {
      why: 'ours: there are only names, and all fail',
      type: 'icmp.no_answer',
      names: [dead('a.test')],
      addresses: [],
      isOurs: true,
    },
    {
      why: 'the target’s: there are no references',
      type: 'connect.timeout',
      names: [],
      addresses: [],
      isOurs: false,
    },
    {
      why: 'the target’s: it answered wrong',
      type: 'assertion',
      names: [dead('a.test')],
      addresses: [dead('192.0.2.1:443')],
      isOurs: false,
    },
    {
      why: 'the target’s: its certificate is bad',
      type: 'tls.expired',
      names: [dead('a.test')],
      addresses: [dead('192.0.2.1:443')],
      isOurs: false,
    },
    {
      why: 'the target’s: the region forbids it',
      type: 'connect.forbidden',
      names: [dead('a.test')],
      addresses: [dead('192.0.2.1:443')],
      isOurs: false,
    },
  ] as const)('$why', ({ type, names, addresses, isOurs }) => {
    expect(blame(type, { names, addresses }) !== undefined).toBe(isOurs)
  })

  test('judged by addresses when a check asks a name server of its own', () => {
    const findings = { names: [dead('a.test')], addresses: [fine('192.0.2.1:443')] }
    expect(blame('dns.timeout', findings, { isOwnResolver: false })).toBeUndefined()
    expect(blame('dns.timeout', findings)?.type).toBe('probe.uplink')
  })

  test('a time-out, only before the first byte', () => {
    const findings = { names: [], addresses: [dead('192.0.2.1:443')] }
    const connect = { name: 'connect' as const, ms: 1 }
    const firstByte = { name: 'firstByte' as const, ms: 900 }
    expect(blame('timeout', findings, { phases: [connect, firstByte] })?.type).toBe('probe.uplink')
    const download = { name: 'download' as const, ms: 1 }
    expect(blame('timeout', findings, { phases: [connect, firstByte, download] })).toBeUndefined()
  })

  test('told with what was tried', () => {
    const ours = blame('connect.timeout', { names: [], addresses: [dead('192.0.2.1:443')] })
    expect(ours?.message).toBe(
      "this probe's own network fails: none of its reference addresses accepts a connection (192.0.2.1:443: refused), so nothing is known about the target (what the check saw)",
    )
  })
})
