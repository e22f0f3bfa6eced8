import { type EventEmitter, getEventListeners, once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { connectTo } from '../../../../src/probe/connect-to.ts'
import { anyAddress } from '../../../../src/probe/network/address-policy.ts'
import { exchangeByHttp1 } from '../../../../src/probe/network/http1-exchange.ts'
import { createPhaseMeter } from '../../../../src/probe/network/phase-meter.ts'
import { openConnection } from '../../../../src/probe/network/timed-connect.ts'
import { openTlsSocket } from '../../../../src/probe/network/tls-socket.ts'
import { systemClock } from '../../../../src/runtime/system-clock.ts'
import { httpTarget } from '../../../support/http-target.ts'
import { noFindings } from '../../../support/no-findings.ts'
import { until } from '../../../support/until.ts'

/** Errors find somebody always, who does nothing and holds nothing. */
const listeningFor = (socket: EventEmitter) =>
  socket.eventNames().filter((name) => name !== 'error' || socket.listenerCount(name) > 1)

async function connected() {
  const { port } = await httpTarget((_, response) => void response.end('well'), '127.0.0.1')
  const { signal } = new AbortController()
  const context = { connectTo: connectTo([]), findings: noFindings, signal, policy: anyAddress }
  const meter = createPhaseMeter({ ...context, clock: systemClock }, 5_000)
  const listenersBefore = getEventListeners(signal, 'abort').length
  const socket = await openConnection(
    { host: 'shop.test', port },
    { addresses: ['127.0.0.1'], port, isRedirected: false },
    { context, meter },
  )
  onTestFinished(() => void socket.destroy())
  return { socket, signal, meter, port, listenersBefore }
}

test('a closed connection holds nothing of the run that it served, nor the deadline it', async () => {
  const { socket, signal, meter, port, listenersBefore } = await connected()
  const request = {
    url: new URL(`http://shop.test:${port}/`),
    method: 'GET',
    headers: {},
    body: undefined,
  }
  const body = await exchangeByHttp1(socket, request, { meter, target: 'shop.test' }, (answer) =>
    answer.readBody(),
  )
  expect(body.toString()).toBe('well')
  await until('the connection has closed', () => socket.closed)
  await until('nobody listens any more', () => listeningFor(socket).length === 0)
  expect(getEventListeners(signal, 'abort')).toHaveLength(listenersBefore)
})

test('nor does one with TLS, and who waits for its end is told before', async () => {
  const { socket: tcp } = await connected()
  const socket = openTlsSocket(tcp, { rejectUnauthorized: false })
  const [innerEnd, outerEnd] = [once(tcp, 'close'), once(socket, 'close')]
  socket.destroy()
  await Promise.all([innerEnd, outerEnd])
  await until('nobody listens any more', () => listeningFor(socket).length === 0)
  expect(listeningFor(tcp)).toEqual([])
})
