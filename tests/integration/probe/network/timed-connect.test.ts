import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { connectTo } from '../../../../src/probe/connect-to.ts'
import { anyAddress } from '../../../../src/probe/network/address-policy.ts'
import { createPhaseMeter } from '../../../../src/probe/network/phase-meter.ts'
import { openConnection } from '../../../../src/probe/network/timed-connect.ts'
import { systemClock } from '../../../../src/runtime/system-clock.ts'
import { freePort, httpTarget } from '../../../support/http-target.ts'
import { noFindings } from '../../../support/no-findings.ts'
import { until } from '../../../support/until.ts'

const LISTEN = `
const server = require('node:net').createServer((socket) => socket.on('error', () => {}))
server.listen({ port: 0, host: '127.0.0.2', backlog: 1 }, () => console.log(server.address().port))`

/**
 * A server at 127.0.0.2 that accepts nobody, with as many clients as the system lets wait for it:
 * whoever comes now is not answered, and asks again after a second.
 */
async function busyServer() {
  const server = spawn(process.execPath, ['-e', LISTEN], { stdio: ['ignore', 'pipe', 'inherit'] })
  const gone = once(server, 'exit')
  const [port] = (await once(server.stdout, 'data')) as [Buffer]
  server.kill('SIGSTOP')
  const waiting: Socket[] = []
  onTestFinished(async () => {
    for (const socket of waiting) socket.destroy()
    server.kill('SIGKILL')
    await gone
  })
  for (let hasRoom = true; hasRoom; ) {
    const socket = connect(Number(port), '127.0.0.2').on('error', () => undefined)
    waiting.push(socket)
    const connected = once(socket, 'connect').then(() => true)
    hasRoom = await Promise.race([connected, wait(200, false)])
  }
  return { port: Number(port), accept: () => void server.kill('SIGCONT') }
}

type Opening = { signal?: AbortSignal; log?: string[] }

async function open(addresses: string[], port: number, parts: Opening = {}) {
  const { signal = new AbortController().signal, log = [] } = parts
  const phases: string[] = []
  const findings = {
    ...noFindings,
    phase: (name: string) => void phases.push(name),
    log: (line: string) => void log.push(line),
  }
  const context = { connectTo: connectTo([]), findings, signal, policy: anyAddress }
  const meter = createPhaseMeter({ ...context, clock: systemClock }, 5_000)
  const endpoint = { host: 'shop.test', port }
  const opening = openConnection(
    endpoint,
    { addresses, port, isRedirected: false },
    { context, meter },
  )
  const [outcome] = await Promise.allSettled([opening])
  if (outcome.status === 'fulfilled') {
    const socket = outcome.value
    onTestFinished(() => void socket.destroy())
    return { address: socket.remoteAddress, error: undefined, phases, log }
  }
  return { address: undefined, error: outcome.reason, phases, log }
}

test('a slow address is waited for when the other one is dead', async () => {
  const { port, accept } = await busyServer()
  const log: string[] = []
  const opening = open(['127.0.0.2', '127.0.0.3'], port, { log })
  await until('the dead one has failed', () => log.length === 1)
  accept()
  const { address, error, phases } = await opening
  expect(error).toBeUndefined()
  expect(address).toBe('127.0.0.2')
  expect(phases).toEqual(['connect'])
  expect(log).toEqual([`127.0.0.3:${port}: connect ECONNREFUSED 127.0.0.3:${port}`])
})

test('the next address is tried while a slow one is waited for, which then is given up', async () => {
  const { port } = await busyServer()
  await httpTarget(() => undefined, '127.0.0.3', port)
  const startedAt = systemClock.monotonic()
  const { address } = await open(['127.0.0.2', '127.0.0.3'], port)
  expect(address).toBe('127.0.0.3')
  expect(systemClock.monotonic() - startedAt).toBeGreaterThan(200)
})

test('the next address is tried at once when one has failed', async () => {
  const { port } = await httpTarget(() => undefined, '127.0.0.4')
  const startedAt = systemClock.monotonic()
  const { address, log } = await open(['127.0.0.2', '127.0.0.3', '127.0.0.4'], port)
  expect(address).toBe('127.0.0.4')
  expect(systemClock.monotonic() - startedAt).toBeLessThan(240)
  expect(log).toHaveLength(2)
})

test('the errors of all addresses are kept when each has failed', async () => {
  const port = await freePort()
  const { error } = await open(['127.0.0.2', '127.0.0.3'], port)
  expect(error).toMatchObject({
    type: 'connect.refused',
    message: `connection to shop.test:${port} (127.0.0.2:${port}) refused`,
  })
  expect(error.cause).toBeInstanceOf(AggregateError)
  expect(error.cause.errors).toHaveLength(2)
})

test('the deadline ends every attempt, and is no news of an address', async () => {
  const { port } = await busyServer()
  const signal = AbortSignal.timeout(600)
  const { error, log } = await open(['127.0.0.2', '127.0.0.2'], port, { signal })
  expect(error).toMatchObject({
    type: 'connect.timeout',
    message: `no connection to shop.test:${port} within 5 s`,
  })
  expect(log).toEqual([])
  expect(process.getActiveResourcesInfo()).not.toContain('TCPConnectWrap')
})
