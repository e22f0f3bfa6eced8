import { expect, test } from 'vitest'
import { startListening } from '../../../src/coordinator/listening.ts'

function listener() {
  const time = { wall: 1_000_000, mono: 0 }
  const listening = startListening({ now: () => time.wall, monotonic: () => time.mono })
  const pass = (ms: number) => {
    time.wall += ms
    time.mono += ms
    listening.beat()
  }
  return { time, listening, pass }
}

test('listens since its start as long as it is awake', () => {
  const { listening, pass } = listener()
  for (let i = 0; i < 100; i++) pass(1_000)
  expect(listening.since).toBe(1_000_000)
})

test('begins anew after a standstill, in which it heard nothing', () => {
  const { listening, pass } = listener()
  pass(1_000)
  pass(3_600_000)
  expect(listening.since).toBe(1_000_000 + 3_601_000)
})

test('a wall clock that is set does not count as a standstill', () => {
  const { time, listening, pass } = listener()
  time.wall += 3_600_000
  pass(1_000)
  expect(listening.since).toBe(1_000_000)
})

test('remembers when it listened before the standstill, and before it was started', () => {
  const { listening, pass } = listener()
  expect(listening.lastBefore).toBeUndefined()
  pass(1_000)
  pass(3_600_000)
  expect(listening.lastBefore).toBe(1_000_000 + 1_000)
  expect(startListening({ now: () => 5, monotonic: () => 0 }, 3).lastBefore).toBe(3)
})
