import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { OptAnswer, Packet } from 'dns-packet'
import { expect, onTestFinished, test } from 'vitest'
import { type NameServer, startNameServer } from '../../../src/demo/name-server.ts'
import { createLogger } from '../../../src/runtime/logger.ts'
import { aQuery, askTcp, askUdp, rcodeOf } from './running-shop.ts'

async function aNameServer(): Promise<NameServer> {
  const logger = createLogger('names', 'silent')
  const server = await startNameServer({ port: 0, zone: { isGone: false }, logger })
  onTestFinished(() => server.stop())
  return server
}

const edns = (udpPayloadSize: number): OptAnswer => ({
  type: 'OPT',
  name: '.',
  udpPayloadSize,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
})

const dataOf = ({ answers = [] }: Packet) =>
  answers.map((answer) => ('data' in answer ? answer.data : undefined))

test('answers by UDP, with authority, the id of the query and its question', async () => {
  const { port } = await aNameServer()

  const answer = await askUdp(port, aQuery({ name: 'Shop.TEST' }, { id: 99 }))

  expect(answer).toMatchObject({ id: 99, flag_qr: true, flag_aa: true, flag_tc: false })
  expect(answer.questions).toEqual([{ name: 'Shop.TEST', type: 'A', class: 'IN' }])
  expect(answer.answers).toMatchObject([{ name: 'Shop.TEST', type: 'A', data: '127.0.0.1' }])
})

test('answers several queries of one TCP connection, the last before its end', async () => {
  const { port } = await aNameServer()

  const answers = await askTcp(
    port,
    aQuery({ type: 'NS' }),
    aQuery({ name: 'www.shop.test' }),
    aQuery({ name: 'no.shop.test' }),
  )

  expect(answers.map(rcodeOf)).toEqual(['NOERROR', 'NOERROR', 'NXDOMAIN'])
  expect(answers.map(dataOf)).toEqual([['ns.shop.test'], ['shop.test', '127.0.0.1'], []])
})

test('an answer too long for UDP is cut, marked, and whole by TCP', async () => {
  const { port } = await aNameServer()
  const query = aQuery({ name: 'big.shop.test', type: 'TXT' })

  const cut = await askUdp(port, query)
  const [whole] = await askTcp(port, query)

  expect(cut).toMatchObject({ flag_tc: true, answers: [] })
  expect(whole).toMatchObject({ flag_tc: false })
  expect(Buffer.concat(dataOf(whole ?? {}).flat() as Buffer[])).toHaveLength(800)
})

test.each([
  { bytes: 1_232, isCut: false, why: 'who takes enough gets it whole' },
  { bytes: 600, isCut: true, why: 'who takes too little does not' },
  { bytes: 65_535, isCut: false, why: 'who takes everything gets at most a frame' },
])('EDNS with $bytes bytes: $why', async ({ bytes, isCut }) => {
  const { port } = await aNameServer()
  const query = aQuery({ name: 'big.shop.test', type: 'TXT' }, { additionals: [edns(bytes)] })

  const answer = await askUdp(port, query)

  expect(answer.flag_tc).toBe(isCut)
  expect(answer.additionals).toMatchObject([{ type: 'OPT', udpPayloadSize: 1_232 }])
})

test.each([
  { why: 'nothing', message: Buffer.alloc(0) },
  { why: 'half a header', message: Buffer.from('0102030405', 'hex') },
  { why: 'a question that is not there', message: Buffer.from('12340000000100000000', 'hex') },
  {
    why: 'a name that never ends',
    message: Buffer.from(`123400000001000000000000${'3f'.repeat(9)}`, 'hex'),
  },
  { why: 'an answer', message: Buffer.from('123484000000000000000000', 'hex') },
])('ignores $why, and answers the next query', async ({ message }) => {
  const { port } = await aNameServer()
  const socket = createSocket('udp4')
  onTestFinished(() => void socket.close())
  const answers: Buffer[] = []
  socket.on('message', (answer) => answers.push(answer))
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')

  await new Promise((sent) => socket.send(message, port, '127.0.0.1', sent))
  // One server handles datagrams in their order: after this answer there can be none to the first.
  const answer = await askUdp(port, aQuery({}))

  expect(rcodeOf(answer)).toBe('NOERROR')
  expect(answers).toEqual([])
})

test('a TCP client that sends garbage, or too much, is disconnected', async () => {
  const { port } = await aNameServer()
  for (const bytes of ['0003ffffff', 'ffff00']) {
    const socket = connect({ host: '127.0.0.1', port })
    socket.write(Buffer.from(bytes, 'hex'))
    await once(socket, 'close', { signal: AbortSignal.timeout(5_000) })
  }
  expect(rcodeOf((await askTcp(port, aQuery({})))[0] ?? {})).toBe('NOERROR')
})
