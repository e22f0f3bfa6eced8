import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createConnection, type OpenStream } from '../../../../src/dashboard/live/connection.ts'
import type { LiveEvent } from '../../../../src/protocol/public-api.ts'
import { at } from '../../../support/builders.ts'

const noon = at('2026-03-13T12:00:00Z')
const alive: LiveEvent = { type: 'alive', now: noon }

beforeEach(() => void vi.useFakeTimers({ now: noon }))
afterEach(() => void vi.useRealTimers())

/** A connection over streams that the test feeds and breaks. */
function aConnection() {
  const streams: Parameters<OpenStream>[0][] = []
  const closed: number[] = []
  const openStream: OpenStream = (handlers) => {
    const index = streams.push(handlers) - 1
    return () => void closed.push(index)
  }
  const clock = { now: () => Date.now(), monotonic: () => performance.now() }
  const connection = createConnection(openStream, { clock, random: () => 0.5 })
  const seen: LiveEvent[][] = []
  const missed: number[] = []
  connection.onEvents((events) => void seen.push([...events]))
  connection.onMissed(() => void missed.push(Date.now()))
  connection.start()
  const last = () => streams.at(-1) as Parameters<OpenStream>[0]
  return { connection, streams, closed, seen, missed, last }
}

test('it is live with the first event, and events that come together are applied together', () => {
  const { connection, last, seen, missed } = aConnection()
  expect(connection.status.get().state).toBe('connecting')
  last().onEvent(alive)
  last().onEvent(alive)
  expect(connection.status.get()).toEqual({ state: 'live', heardAt: noon })
  expect(seen).toEqual([])
  vi.advanceTimersByTime(500)
  expect(seen).toEqual([[alive, alive]])
  expect(missed).toEqual([])
})

test('silence for more than two heartbeats is a cut, although no error says so', () => {
  const { connection, last, closed } = aConnection()
  last().onEvent(alive)
  vi.advanceTimersByTime(11_000)
  expect(connection.status.get().state).toBe('live')
  vi.advanceTimersByTime(3_000)
  expect(connection.status.get()).toEqual({ state: 'lost', heardAt: noon })
  expect(closed).toEqual([0])
})

test('a stream that never says anything is a cut too', () => {
  const { connection } = aConnection()
  vi.advanceTimersByTime(14_000)
  expect(connection.status.get()).toEqual({ state: 'lost' })
})

test('a broken stream is tried again, ever less often, and each try lets the page load', () => {
  const { connection, last, streams, missed } = aConnection()
  last().onEvent(alive)
  for (let second = 0, broken = 0; second < 120; second++) {
    if (streams.length > broken) last().onBroken()
    broken = streams.length
    vi.advanceTimersByTime(1_000)
  }
  expect(connection.status.get().state).toBe('lost')
  expect(streams.length).toBeGreaterThan(10)
  expect(streams.length).toBeLessThan(40)
  expect(missed).toHaveLength(streams.length - 1)
})

test('after a cut the first event makes the page load everything again', () => {
  const { connection, last, missed } = aConnection()
  last().onEvent(alive)
  last().onBroken()
  expect(connection.status.get().state).toBe('lost')
  vi.advanceTimersByTime(2_000)
  const before = missed.length
  last().onEvent(alive)
  expect(connection.status.get().state).toBe('live')
  expect(missed).toHaveLength(before + 1)
})

test('a flood of events is not applied one by one: the page loads instead', () => {
  const { last, seen, missed } = aConnection()
  for (let i = 0; i < 5_000; i++) last().onEvent(alive)
  vi.advanceTimersByTime(500)
  expect(seen).toEqual([])
  expect(missed).toHaveLength(1)
  last().onEvent(alive)
  vi.advanceTimersByTime(500)
  expect(seen).toEqual([[alive]])
})
