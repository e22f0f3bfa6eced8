import { expect, test } from 'vitest'
import { nearestName } from '../../../src/base/nearest-name.ts'

const KNOWN = ['timeout', 'regions', 'service', 'schedule', 'url', 'every']

test.each([
  { written: 'timeuot', meant: 'timeout', why: 'two letters swapped' },
  { written: 'region', meant: 'regions', why: 'a letter is missing' },
  { written: 'Service', meant: 'service', why: 'case does not matter' },
  { written: 'servcie', meant: 'service', why: 'a swap inside' },
  { written: 'ulr', meant: 'url', why: 'a swap in a short name' },
  { written: 'evry', meant: 'every', why: 'a letter is missing' },
  { written: 'shedul', meant: 'schedule', why: 'two of eight letters differ' },
  { written: 'interval', meant: undefined, why: 'nothing is close' },
  { written: '', meant: undefined, why: 'nothing was written' },
  { written: 'uvw', meant: undefined, why: 'two of three letters differ' },
])('"$written" means $meant: $why', ({ written, meant }) => {
  expect(nearestName(written, KNOWN)).toBe(meant)
})

test('takes the closest, and of equals the first', () => {
  expect(nearestName('eu-wesd', ['eu-east', 'eu-west'])).toBe('eu-west')
  expect(nearestName('ap-sout', ['ap-south', 'ap-sout2'])).toBe('ap-south')
})

test('a name of one letter is not like every other letter', () => {
  expect(nearestName('x', ['A', 'B'])).toBeUndefined()
})
