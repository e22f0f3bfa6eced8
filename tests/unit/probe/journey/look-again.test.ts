import { expect, test } from 'vitest'
import { lookAgainMs } from '../../../../src/probe/journey/watch-resources.ts'

const MIB = 1024 ** 2

test.each([
  { held: 300, limit: 1_536, ms: 600, why: 'far from its limit: the longest' },
  { held: 936, limit: 1_536, ms: 400, why: 'before 600 MiB can have been taken' },
  { held: 1_500, limit: 1_536, ms: 200, why: 'near its limit: the shortest' },
  { held: 2_000, limit: 1_536, ms: 200, why: 'above it, counted several times' },
])(
  'a host that holds $held of $limit MiB is looked at after $ms ms: $why',
  ({ held, limit, ms }) => {
    expect(lookAgainMs(held * MIB, limit * MIB)).toBe(ms)
  },
)
