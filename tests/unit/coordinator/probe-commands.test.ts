import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { createProbeCommands } from '../../../src/coordinator/probe-commands.ts'
import { COMMANDS_MAX, type RunNow } from '../../../src/protocol/probe-api.ts'
import { at } from '../../support/builders.ts'

const noon = at('2026-03-13T12:00:00Z')

function aBench() {
  let now = noon
  const counted = { sent: 0, dropped: 0 }
  const commands = createProbeCommands({
    clock: { now: () => now, monotonic: () => now },
    metrics: {
      commanded: (outcome, _, count) => {
        counted[outcome] += count
      },
    },
  })
  const never = new AbortController().signal
  return {
    commands,
    counted,
    pass: (ms: number) => {
      now += ms
    },
    listen: (signal: AbortSignal = never) => commands.next('eu-west', signal),
    /** A command, by its check's id. */
    send: (checkId: string) =>
      commands.send('eu-west', {
        kind: 'run-now',
        commandId: randomUUID(),
        reason: 'confirmation',
        checkId,
        notAfter: now + 2_000,
      }),
  }
}

const idsOf = (commands: RunNow[] | undefined) => commands?.map(({ checkId }) => checkId)

test('a region of which nobody listens is not asked, and that is counted', () => {
  const { commands, counted, send } = aBench()
  expect(commands.isListening('eu-west')).toBe(false)
  expect(send('a')).toBe(false)
  expect(counted).toEqual({ sent: 0, dropped: 1 })
})

test('a command answers the request that is held, and the next ones wait for its return', async () => {
  const { listen, send, counted } = aBench()
  const held = listen()
  expect([send('a'), send('b'), send('c')]).toEqual([true, true, true])
  expect(idsOf(await held)).toEqual(['a', 'b', 'c'])
  expect(send('d')).toBe(true)
  expect(idsOf(await listen())).toEqual(['d'])
  expect(counted).toEqual({ sent: 4, dropped: 0 })
})

test('of two probes of a region each command goes to one', async () => {
  const { listen, send } = aBench()
  const both = [listen(), listen()]
  send('a')
  expect(idsOf(await both[0])).toEqual(['a'])
  send('b')
  expect(idsOf(await both[1])).toEqual(['b'])
})

test('a request that ends with nothing keeps the region reachable for a moment only', async () => {
  const { commands, listen, pass } = aBench()
  const over = new AbortController()
  const held = listen(over.signal)
  over.abort()
  expect(await held).toEqual([])
  expect(commands.isListening('eu-west')).toBe(true)
  pass(3_000)
  expect(commands.isListening('eu-west')).toBe(false)
})

test('what nobody took in time is dropped, and so is what is too much', async () => {
  const { listen, send, pass, counted } = aBench()
  const over = new AbortController()
  const held = listen(over.signal)
  over.abort()
  await held
  const sent = Array.from({ length: COMMANDS_MAX + 3 }, (_, index) => send(`check-${index}`))
  expect(sent.filter((isSent) => !isSent)).toHaveLength(3)
  expect(counted.dropped).toBe(3)
  pass(2_001)
  // Nothing is left: this request is held until something comes.
  const next = listen()
  send('fresh')
  expect(idsOf(await next)).toEqual(['fresh'])
  expect(counted).toEqual({ sent: 1, dropped: 3 + COMMANDS_MAX })
})
