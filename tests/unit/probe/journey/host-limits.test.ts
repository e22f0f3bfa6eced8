import { expect, test } from 'vitest'
import {
  describeBytes,
  type HostWear,
  hostLimits,
  whyReplace,
} from '../../../../src/probe/journey/host-limits.ts'

const MIB = 1024 ** 2
const limits = hostLimits({ memoryBytesMax: 1_000 * MIB })
const young: HostWear = { runs: 1, ageMs: 1_000, memoryBytes: 200 * MIB }

test.each<{ what: string; wear: Partial<HostWear>; why: string | undefined }>([
  { what: 'one that did nothing wrong', wear: {}, why: undefined },
  { what: 'one that cannot be measured', wear: { memoryBytes: undefined }, why: undefined },
  { what: 'after a violation', wear: { unfit: 'it lied', runs: 300 }, why: 'it lied' },
  {
    what: 'with a daemon',
    wear: { strays: ['sleep'] },
    why: 'its journey left a process behind: sleep',
  },
  { what: 'just before its last run', wear: { runs: 199 }, why: undefined },
  { what: 'after its last run', wear: { runs: 200 }, why: 'it did 200 runs' },
  { what: 'an old one', wear: { ageMs: 4 * 3_600_000 }, why: 'it is 240 minutes old' },
  {
    what: 'one that holds too much',
    wear: { memoryBytes: 601 * MIB },
    why: 'it holds 601 MiB of memory between runs',
  },
])('$what is replaced because: $why', ({ wear, why }) => {
  expect(whyReplace({ ...young, ...wear }, limits)).toBe(why)
})

test('sizes are said as people say them', () => {
  expect([300 * MIB, 999 * MIB, 1_536 * MIB].map(describeBytes)).toEqual([
    '300 MiB',
    '999 MiB',
    '1.5 GiB',
  ])
})
