import { expect, test } from 'vitest'
import {
  bucketSentence,
  newest,
  seriesNames,
} from '../../../../src/dashboard/words/latency-words.ts'
import { slowdowns, slowerSentence } from '../../../../src/dashboard/words/slower-since.ts'
import { sparkPath } from '../../../../src/dashboard/words/spark-path.ts'
import { timeRange } from '../../../../src/dashboard/words/time-ranges.ts'
import type { Latency } from '../../../../src/protocol/public-api.ts'
import { at } from '../../../support/builders.ts'

const noon = at('2026-03-13T12:00:00Z')

function aLatency(regions: Record<string, Record<string, (number | null)[]>>): Latency {
  return {
    since: noon,
    bucketMs: 60_000,
    buckets: 10,
    regions: Object.entries(regions).map(([regionId, { total = [], ...phases }]) => ({
      regionId,
      runs: total.map((ms) => (ms === null ? 0 : 12)),
      failed: total.map((ms) => (ms !== null && ms > 900 ? 3 : 0)),
      flagged: total.map(() => 0),
      total: { p50: total, p95: total.map((ms) => ms && ms * 2) },
      phases: Object.fromEntries(
        Object.entries(phases).map(([name, p50]) => [name, { p50, p95: p50 }]),
      ),
    })),
  }
}

const flat = Array.from({ length: 10 }, () => 40)
const risen = [40, 41, 39, 40, 42, null, 640, 650, 630, 640]

test('phases come in the order in which they happen, after the whole', () => {
  const latency = aLatency({ a: { total: flat, firstByte: flat }, b: { total: flat, dns: flat } })
  expect(seriesNames(latency)).toEqual(['total', 'dns', 'firstByte'])
})

test('the newest value is the last one that was measured', () => {
  expect(newest([1, 2, null])).toBe(2)
  expect(newest([null])).toBeUndefined()
})

test('a bucket is told in words: times, gaps, failures', () => {
  const latency = aLatency({ 'eu-west': { total: [1_000, 5] }, 'us-east': { total: [null, 7] } })
  expect(bucketSentence(latency, 'total', 0, 'UTC')).toBe(
    '12:00: eu-west 1.0 s, 95 % within 2.0 s, 3 of 12 runs failed; us-east no run',
  )
  expect(bucketSentence(latency, 'dns', 1, 'UTC')).toBe(
    '12:01: eu-west not measured; us-east not measured',
  )
})

test('the phase that got slower is found, with where and since when', () => {
  const latency = aLatency({
    'eu-west': { total: risen, dns: flat, firstByte: risen },
    'us-east': { total: flat, firstByte: flat },
  })
  expect(slowerSentence(latency, 'UTC')).toBe(
    'First byte is slower in eu-west since 12:06: 40 ms before, 640 ms now.',
  )
})

test.each([
  { name: 'it stayed', values: flat },
  { name: 'it rose by little', values: [40, 40, 40, 40, 40, 55, 55, 55, 55, 55] },
  { name: 'one bucket was slow', values: [40, 40, 40, 40, 40, 40, 40, 40, 40, 900] },
  { name: 'it was slow and is not any more', values: [40, 40, 40, 40, 40, 900, 900, 900, 40, 40] },
  { name: 'it was slow all the time', values: Array.from({ length: 10 }, () => 900) },
  { name: 'nothing was measured', values: Array.from({ length: 10 }, () => null) },
])('no phase is called slower when $name', ({ values }) => {
  expect(slowdowns(aLatency({ a: { total: flat, firstByte: values } }))).toEqual([])
})

test('a time without any run is told as that', () => {
  expect(slowerSentence(aLatency({ a: { total: [null, null] } }))).toBe('Nothing ran in this time.')
  expect(slowerSentence(aLatency({ a: { total: flat } }))).toBe(
    'No phase is clearly slower than before in this time.',
  )
})

test.each([
  { values: [0, 10], expected: 'M0.5 20L1.5 0' },
  { values: [5, null, 10], expected: 'M0.5 10h0.01M2.5 0h0.01' },
  { values: [null, 10, 5, null], expected: 'M1.5 0L2.5 10' },
  { values: [null], expected: '' },
])('$values is drawn with its gaps', ({ values, expected }) => {
  expect(sparkPath(values, 10, 20)).toBe(expected)
})

test('an unknown range is the usual one', () => {
  expect(timeRange('7d').text).toBe('7 d')
  expect(timeRange('nonsense').value).toBe('1h')
  expect(timeRange(null).value).toBe('1h')
})
