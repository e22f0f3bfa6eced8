import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { CheckError } from '../../../../src/probe/checks/check-runner.ts'
import { askForHealth } from '../../../../src/probe/network/grpc-exchange.ts'
import { exchangeByHttp1 } from '../../../../src/probe/network/http1-exchange.ts'
import { exchangeByHttp2 } from '../../../../src/probe/network/http2-exchange.ts'
import { createPhaseMeter } from '../../../../src/probe/network/phase-meter.ts'
import { systemClock } from '../../../../src/runtime/system-clock.ts'
import { rawTarget } from '../../../support/http-target.ts'
import { noFindings } from '../../../support/no-findings.ts'

const TIMEOUT_MS = 2_000
const target = 'shop.test'
const url = new URL('http://shop.test/')
const request = { url, method: 'GET', headers: {}, body: undefined }

const meter = () => {
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  return createPhaseMeter({ clock: systemClock, findings: noFindings, signal }, TIMEOUT_MS)
}

/** A connection that has ended before anybody speaks by it. */
async function ended(error?: Error): Promise<Socket> {
  const { port } = await rawTarget(() => undefined)
  const socket = connect(port, '127.0.0.1').on('error', () => undefined)
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  socket.destroy(error)
  return socket
}

const exchanges = [
  {
    by: 'HTTP/1.1',
    exchange: (socket: Socket) =>
      exchangeByHttp1(socket, request, { meter: meter(), target }, async () => undefined),
  },
  {
    by: 'HTTP/2',
    exchange: (socket: Socket) =>
      exchangeByHttp2(socket, request, { meter: meter(), target }, async () => undefined),
  },
  {
    by: 'gRPC',
    exchange: (socket: Socket) =>
      askForHealth(
        socket,
        { origin: url.origin, service: '', headers: {}, timeoutMs: TIMEOUT_MS },
        { meter: meter(), target },
      ),
  },
]

test.each(exchanges)(
  'a connection that has ended already is no time-out by $by',
  async ({ exchange }) => {
    const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
    const cut = exchange(await ended())
    await expect(cut).rejects.toBeInstanceOf(CheckError)
    await expect(cut).rejects.toMatchObject({
      type: 'connect.reset',
      message: 'shop.test closed the connection before its answer was complete',
    })
    await expect(exchange(await ended(reset))).rejects.toMatchObject({
      type: 'connect.reset',
      message: 'the connection to shop.test was reset',
    })
  },
)
