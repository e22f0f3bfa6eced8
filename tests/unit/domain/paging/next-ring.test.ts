import { expect, test } from 'vitest'
import {
  earlierRings,
  nextRing,
  openRings,
  type Ring,
  ringsBy,
  ringsToEnd,
} from '../../../../src/domain/paging/next-ring.ts'

const NOW = 1_000_000
/** `g1-r2 ago 60`: ring 2 of generation 1, a minute ago. */
const rung = (...texts: string[]) =>
  texts.map((text) => {
    const [, generation, ring, ago] = /^g(\d+)-r(\d+) ago (\d+)$/.exec(text) ?? []
    return {
      ...{ generation: Number(generation), ring: Number(ring) },
      at: NOW - Number(ago) * 1_000,
    }
  })
const words = (rings: readonly Ring[]) =>
  rings.map(({ generation, ring }) => `g${generation}-r${ring}`).join(' ')

test.each([
  { before: [], generation: 1, ring: 1, closes: '', why: 'nothing rang yet' },
  {
    ...{ before: ['g1-r1 ago 120'], generation: 1, ring: 2, closes: 'g1-r1' },
    why: 'the ladder comes back',
  },
  {
    ...{ before: ['g1-r1 ago 20'], generation: 1, ring: 1, closes: '' },
    why: 'two ways to one system at once are one ring',
  },
  {
    ...{ before: ['g1-r1 ago 300', 'g1-r2 ago 10'], generation: 1, ring: 2, closes: 'g1-r1' },
    why: 'the second way of a later ring',
  },
  {
    ...{ before: ['g1-r2 ago 300', 'g1-r1 ago 600'], generation: 2, ring: 1 },
    ...{
      closes: 'g1-r2 g1-r1',
      why: 'it reaches further: a new generation, and all before is closed',
    },
  },
  {
    ...{ before: ['g1-r1 ago 900', 'g1-r1 ago 899', 'g1-r2 ago 600'], generation: 1, ring: 3 },
    ...{ closes: 'g1-r2 g1-r1', why: 'each is closed once' },
  },
  {
    before: ['g1-r1 ago 900', 'g1-r2 ago 800', 'g2-r1 ago 700', 'g2-r2 ago 600', 'g2-r3 ago 500'],
    ...{ generation: 2, ring: 4, closes: 'g2-r3 g2-r2 g2-r1' },
    why: 'those before were closed by these',
  },
])('$before, then generation $generation: ring $ring, $why', (row) => {
  const next = nextRing(rung(...row.before), { generation: row.generation, now: NOW })
  expect(next.ring).toBe(row.ring)
  expect(words(next.rangBefore)).toBe(row.closes)
})

test('the rings of a page are closed the oldest first; a channel has one for each generation', () => {
  const incident = { id: 'INC-12', generation: 3, ring: 1 }
  expect(words(earlierRings(incident))).toBe('g1-r1 g2-r1')
  const rangBefore = [
    { generation: 2, ring: 2 },
    { generation: 2, ring: 1 },
  ]
  expect(words(earlierRings({ ...incident, rangBefore }))).toBe('g2-r1 g2-r2')
  expect(words(earlierRings({ ...incident, rangBefore: [] }))).toBe('')
  expect(words(openRings({ ...incident, rangBefore }))).toBe('g3-r1 g2-r2 g2-r1')
})

test.each([
  { why: 'a contact that keeps no state', last: { generation: 1 }, now: 2, expected: undefined },
  {
    why: 'as it was paged',
    last: { generation: 2, ring: 3, rangBefore: [{ generation: 2, ring: 2 }] },
    ...{ now: 2, expected: 'g2-r3 g2-r2' },
  },
  {
    why: 'it reached further since, and rang nobody for it',
    last: { generation: 1, ring: 2, rangBefore: [{ generation: 1, ring: 1 }] },
    ...{ now: 2, expected: 'g2-r1 g1-r2 g1-r1' },
  },
])('$why: $expected', ({ last, now, expected }) => {
  const { ring, rangBefore } = ringsToEnd(last, now)
  expect(ring && words(openRings({ id: 'INC-1', generation: now, ring, rangBefore }))).toBe(
    expected,
  )
})

test('rings are counted by the secret that they are sent with', () => {
  expect(ringsBy({ kind: 'pagerduty', routingKey: 'A' })).toBe('pagerduty A')
  expect(ringsBy({ kind: 'jsm', apiKey: 'A' })).not.toBe(ringsBy({ kind: 'opsgenie', apiKey: 'A' }))
  expect(ringsBy({ kind: 'email', to: 'a@example.com' })).toBeUndefined()
})
