import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { codeOf } from '../../../src/base/app-error.ts'
import { type Gateway, startGateway } from '../../../src/demo/gateway.ts'
import { startNameServer } from '../../../src/demo/name-server.ts'
import { ConnectToVariable } from '../../../src/probe/connect-to.ts'
import { createLogger } from '../../../src/runtime/logger.ts'
import { until } from '../../support/until.ts'
import { aQuery, askTcp, askUdp, rcodeOf } from './running-shop.ts'

const logger = createLogger('gateway', 'silent')

/** A server that says everything back, and one gateway in front of it. */
async function anEcho() {
  const connected = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    connected.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => connected.delete(socket))
    socket.pipe(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of connected) socket.destroy()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return { port, connected, server }
}

async function aGateway(httpPort: number, dnsPort = httpPort): Promise<Gateway> {
  const gateway = await startGateway({ httpPort, httpsPort: httpPort, dnsPort }, logger)
  onTestFinished(() => gateway.stop())
  return gateway
}

const portOf = (gateway: Gateway, host = 'shop.test', port = 80) =>
  ConnectToVariable.parse(gateway.connectTo).find(host, port)?.port ?? 0

function dial(gateway: Gateway): Socket {
  const socket = connect({ host: '127.0.0.1', port: portOf(gateway), allowHalfOpen: true })
  onTestFinished(() => void socket.destroy())
  // Kept in `errored`, which the tests look at.
  socket.on('error', () => undefined)
  return socket
}

async function aClient(gateway: Gateway): Promise<Socket> {
  const socket = dial(gateway)
  await once(socket, 'connect')
  return socket
}

const within = () => ({ signal: AbortSignal.timeout(5_000) })

/** How a socket ended: the code of its error, or undefined when it was closed in order. */
const endOf = (socket: Socket) =>
  until('the connection ends', () => socket.closed).then(() => codeOf(socket.errored))

test('passes bytes both ways, and a half-closed connection still gets its answer', async () => {
  const client = await aClient(await aGateway((await anEcho()).port))
  let received = ''
  client.setEncoding('utf8').on('data', (text: string) => {
    received += text
  })

  client.write('one ')
  await until('the echo', () => received === 'one ')
  client.end('two')
  await once(client, 'end', within())

  expect(received).toBe('one two')
})

test('a cut resets who is connected and who connects, on both sides', async () => {
  const echo = await anEcho()
  const gateway = await aGateway(echo.port)
  const connected = await aClient(gateway)
  await until('the connection arrives', () => echo.connected.size === 1)

  gateway.setCut(true)
  const silent = dial(gateway)
  const talking = dial(gateway)
  talking.write('hello')

  expect(await endOf(connected)).toBe('ECONNRESET')
  expect(await endOf(silent)).toBe('ECONNRESET')
  expect(await endOf(talking)).toBe('ECONNRESET')
  await until('the shop sees it too', () => echo.connected.size === 0)
  gateway.setCut(false)
  expect((await aClient(gateway)).destroyed).toBe(false)
})

test('when one side breaks off, the other is told', async () => {
  const echo = await anEcho()
  const gateway = await aGateway(echo.port)

  const leaver = await aClient(gateway)
  await until('the connection arrives', () => echo.connected.size === 1)
  leaver.resetAndDestroy()
  await until('the shop lost the visitor', () => echo.connected.size === 0)

  const visitor = await aClient(gateway)
  await until('the connection arrives', () => echo.connected.size === 1)
  for (const socket of echo.connected) socket.resetAndDestroy()
  expect(await endOf(visitor)).toBe('ECONNRESET')
})

test('a shop that is not there resets the visitor instead of keeping them waiting', async () => {
  const echo = await anEcho()
  echo.server.close()
  const gateway = await aGateway(echo.port)

  expect(await endOf(dial(gateway))).toBe('ECONNRESET')
})

test('passes DNS by UDP and TCP to many clients at once', async () => {
  const names = await startNameServer({ port: 0, zone: { isGone: false }, logger })
  onTestFinished(() => names.stop())
  const port = portOf(await aGateway(names.port, names.port), 'ns.shop.test', 53)

  const answers = await Promise.all([
    ...Array.from({ length: 20 }, (_, id) => askUdp(port, aQuery({}, { id }))),
    ...(await askTcp(port, aQuery({}, { id: 20 }))),
  ])

  expect(answers.map(({ id }) => id)).toEqual(Array.from({ length: 21 }, (_, id) => id))
  expect(new Set(answers.map(rcodeOf))).toEqual(new Set(['NOERROR']))
})
