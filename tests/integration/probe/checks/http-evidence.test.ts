import { readFile } from 'node:fs/promises'
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { RunOutcome } from '../../../../src/probe/checks/run-check.ts'
import { EXCHANGE_BODY_BYTES_MAX, ExchangeFile } from '../../../../src/protocol/exchange.ts'
import { resolveExpectations } from '../../../../src/protocol/expectation.ts'
import type { HttpCheck } from '../../../../src/protocol/kinds/http.ts'
import { aCheck } from '../../../support/builders.ts'
import { runOnce } from '../../../support/check-context.ts'
import { freePort, httpTarget, rawTarget } from '../../../support/http-target.ts'
import { tempFolder as freshFolder } from '../../../support/temp-folder.ts'

const missing = resolveExpectations('must', { body: { contains: 'not there' } })

async function runAndRead(overrides: Partial<HttpCheck>, secret?: (name: string) => string) {
  const tempFolder = await freshFolder()
  const check = aCheck('http', { expectations: missing, timeoutMs: 2_000, ...overrides })
  const run = await runOnce(check, { tempFolder, ...(secret && { secret }) })
  return { run, ...(await evidence(run)) }
}

async function evidence(run: RunOutcome) {
  const artifact = run.artifacts.find(({ name }) => name === 'exchange.json')
  if (!artifact) return { text: '', exchanges: [] }
  const text = await readFile(artifact.path, 'utf8')
  expect(artifact).toMatchObject({ mediaType: 'application/json', bytes: Buffer.byteLength(text) })
  return { text, ...ExchangeFile.parse(JSON.parse(text)) }
}

describe('the exchange of a run that fails', () => {
  test('is kept as it was, request and answer', async () => {
    const target = await httpTarget((_request, response) => {
      response.writeHead(503, { 'content-type': 'text/html', 'x-lamp': ['a', 'b'] }).end('sold out')
    })
    const { exchanges } = await runAndRead({
      url: `${target.url}cart?id=7`,
      method: 'PUT',
      body: 'lamp',
      headers: { 'X-Shop': 'yes' },
    })
    expect(exchanges).toHaveLength(1)
    expect(exchanges[0]?.request).toMatchObject({
      method: 'PUT',
      url: `${target.url}cart?id=[redacted]`,
      body: { text: 'lamp', bytes: 4, isTruncated: false },
    })
    expect(exchanges[0]?.request.headers).toEqual(
      expect.arrayContaining([
        ['host', target.host],
        ['x-shop', 'yes'],
      ]),
    )
    expect(exchanges[0]?.response).toMatchObject({
      status: 503,
      httpVersion: '1.1',
      body: { text: 'sold out', bytes: 8, isTruncated: false },
    })
    expect(exchanges[0]?.response?.headers).toEqual(
      expect.arrayContaining([
        ['x-lamp', 'a'],
        ['x-lamp', 'b'],
      ]),
    )
  })

  test('is not kept when it passes', async () => {
    const target = await httpTarget((_request, response) => void response.end('ok'))
    const { run } = await runAndRead({ url: target.url, expectations: [] })
    expect(run).toMatchObject({ verdict: 'passed', artifacts: [] })
  })

  test('has each redirect', async () => {
    const target = await httpTarget((request, response) => {
      if (request.url === '/') response.writeHead(302, { location: '/next?token=abc' }).end('moved')
      else response.end('here')
    })
    const { run, exchanges } = await runAndRead({ url: target.url })
    expect(exchanges.map(({ response }) => response?.status)).toEqual([302, 200])
    expect(exchanges[0]?.response?.headers).toContainEqual([
      'location',
      `${target.url}next?token=[redacted]`,
    ])
    expect(run.exchanges).toMatchObject([
      { url: target.url, status: 302, address: target.host, httpVersion: '1.1' },
      { url: `${target.url}next`, status: 200, bodyBytes: 4 },
    ])
    const [first, second] = run.exchanges ?? []
    expect(second?.startMs).toBeGreaterThanOrEqual((first?.startMs ?? 0) + (first?.ms ?? 0))
    const sum = (name: string) =>
      run.exchanges?.reduce(
        (total, { phases }) => total + (phases.find((phase) => phase.name === name)?.ms ?? 0),
        0,
      )
    for (const { name, ms } of run.phases) expect(sum(name)).toBeCloseTo(ms, 6)
  })

  test('without an answer has the request', async () => {
    const port = await freePort()
    const { run, exchanges } = await runAndRead({ url: `http://127.0.0.1:${port}/` })
    expect(exchanges).toHaveLength(1)
    expect(exchanges[0]).not.toHaveProperty('response')
    expect(run.exchanges?.[0]).not.toHaveProperty('status')
  })

  test('that stalls in the head has no answer', async () => {
    const target = await rawTarget((socket) => void socket.write('HTTP/1.1 200 OK\r\n'))
    const { exchanges } = await runAndRead({ url: target.url, timeoutMs: 200 })
    expect(exchanges[0]).not.toHaveProperty('response')
  })

  test('that breaks off in the body has what came of it', async () => {
    const target = await rawTarget((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nFeatured la')
    })
    const { exchanges } = await runAndRead({ url: target.url, timeoutMs: 200 })
    expect(exchanges[0]?.response?.body).toEqual({
      text: 'Featured la',
      bytes: 11,
      isTruncated: false,
    })
  })

  test.each([
    { encoding: 'gzip', pack: gzipSync },
    { encoding: 'br', pack: brotliCompressSync },
    { encoding: 'zstd', pack: zstdCompressSync },
  ])('that breaks off in a body of $encoding has it unpacked', async ({ encoding, pack }) => {
    const words = Array.from({ length: 30_000 }, (_, i) => `lamp ${i * 7919}`).join('\n')
    const packed = pack(words)
    const target = await rawTarget((socket) => {
      socket.write(
        `HTTP/1.1 200 OK\r\ncontent-encoding: ${encoding}\r\ncontent-length: ${packed.length}\r\n\r\n`,
      )
      socket.write(packed.subarray(0, packed.length - 100))
    })
    const { exchanges } = await runAndRead({ url: target.url, timeoutMs: 300 })
    expect(exchanges[0]?.response?.body?.text).toMatch(/^lamp 0\nlamp 7919\n/)
  })

  test('that cannot be unpacked has how many bytes there were', async () => {
    const target = await httpTarget((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end('no gzip at all')
    })
    const { exchanges } = await runAndRead({ url: target.url })
    expect(exchanges[0]?.response?.body).toEqual({ bytes: 14, isTruncated: true })
  })

  test('of other bytes has them as base64', async () => {
    const bytes = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 255])
    const target = await httpTarget((_request, response) => void response.end(bytes))
    const { exchanges } = await runAndRead({ url: target.url })
    expect(exchanges[0]?.response?.body).toMatchObject({ base64: bytes.toString('base64') })
  })

  test('of a long body has its beginning', async () => {
    const target = await httpTarget((_request, response) => void response.end('ä '.repeat(100_000)))
    const { exchanges } = await runAndRead({ url: target.url })
    const body = exchanges[0]?.response?.body
    expect(body).toMatchObject({ bytes: 300_000, isTruncated: true })
    expect(Buffer.byteLength(body?.text ?? '')).toBeLessThanOrEqual(EXCHANGE_BODY_BYTES_MAX)
    expect(body?.text?.length).toBeGreaterThan(40_000)
  })

  test('has two hundred headers at most, and of twenty redirects the last five', async () => {
    const target = await httpTarget((request, response) => {
      for (let i = 0; i < 500; i++) response.setHeader(`x-${i}`, 'y')
      response.writeHead(302, { location: `${request.url}x` }).end()
    })
    const { exchanges } = await runAndRead({ url: target.url, redirectsMax: 20 })
    expect(exchanges).toHaveLength(5)
    expect(exchanges.at(-1)?.response?.headers).toHaveLength(200)
  })
})

describe('no secret is in it', () => {
  const CANARIES = {
    login: 'can4ry-login',
    header: 'can4ry-header',
    cookie: 'can4ry-cookie',
    query: 'can4ry+query',
    body: 'can4ry"body',
    given: 'can4ry-given',
    proxyLike: 'can4ry-bearer',
  }
  const forms = Object.values(CANARIES).flatMap((canary) => [
    canary,
    encodeURIComponent(canary),
    JSON.stringify(canary).slice(1, -1),
    Buffer.from(canary).toString('base64').replace(/=+$/, ''),
    Buffer.from(canary).toString('base64url'),
  ])

  test('neither of the request nor of the answer, also when the server repeats what it was asked', async () => {
    const target = await httpTarget((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const { url, headers } = request
        const login = atob((headers.authorization ?? '').replace('Basic ', ''))
        response.writeHead(500, {
          'content-type': 'application/json',
          'set-cookie': [`sid=${CANARIES.given}; Path=/; HttpOnly`],
          'x-echo': `${headers.authorization} ${headers['x-api-key']}`,
          'x-session-token': CANARIES.given,
        })
        response.end(
          JSON.stringify({
            echo: { url, headers, login, seen: `${login} ${headers.cookie}` },
            access_token: CANARIES.given,
            sent: Buffer.concat(chunks).toString(),
          }),
        )
      })
    })
    const { run, text } = await runAndRead({
      url: `http://ada:${CANARIES.login}@${target.host}/?api_key=${encodeURIComponent(CANARIES.query)}`,
      method: 'POST',
      headers: {
        'x-api-key': CANARIES.header,
        cookie: `sid=${CANARIES.cookie}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ user: 'ada', password: CANARIES.body }),
    })
    expect(run.verdict).toBe('failed')
    expect(text).toContain('[redacted]')
    expect(text).toContain('HttpOnly')
    const kept = `${text}\n${JSON.stringify({ ...run, assertions: [] })}`
    for (const form of forms) expect(kept).not.toContain(form)
    expect(kept).not.toContain(btoa(`ada:${CANARIES.login}`))
  })
})
