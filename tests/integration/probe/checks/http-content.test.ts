import { describe, expect, test } from 'vitest'
import { resolveCheck } from '../../../../src/definitions/resolve-check.ts'
import type { CheckDefinition } from '../../../../src/protocol/check.ts'
import type { WrittenOf } from '../../../../src/protocol/check-file.ts'
import { resolveExpectations } from '../../../../src/protocol/expectation.ts'
import type { HttpCheck } from '../../../../src/protocol/kinds/http.ts'
import { aCheck } from '../../../support/builders.ts'
import { runOnce } from '../../../support/check-context.ts'
import { httpTarget } from '../../../support/http-target.ts'
import { readRequest } from '../../../support/read-request.ts'

const expecting = (written: Record<string, unknown>) => resolveExpectations('must', written)

const answering = (body: string | Buffer, headers: Record<string, string> = {}, status = 200) =>
  httpTarget((_request, response) => void response.writeHead(status, headers).end(body))

const JSON_TYPE = { 'content-type': 'application/json' }
const CART = JSON.stringify({ items: [{ sku: 'lamp-7', price: 49.9 }], total: 49.9, open: true })
const PAGE = '<html><head><title>Featured lamps</title></head><body><h1>Lamps</h1><p>a<p>b'

describe('expectations of what an answer says', () => {
  test.each([
    { why: 'status', written: { status: 200 } },
    { why: 'a class of status', written: { status: ['3xx', '2xx'] } },
    { why: 'a range of status', written: { status: '200-204' } },
    { why: 'a header', written: { headers: { 'Content-Type': { contains: 'json' } } } },
    { why: 'an absent header', written: { headers: { 'x-powered-by': { absent: true } } } },
    { why: 'the body', written: { body: { contains: ['lamp-7', 'total'], matches: '^\\{' } } },
    { why: 'the size of the body', written: { bodyBytes: { min: 10, max: 1_000 } } },
    { why: 'a number in JSON', written: { json: { '$.total': { max: 50 } } } },
    { why: 'a text in JSON', written: { json: { '$.items[0].sku': 'lamp-7' } } },
    { why: 'a truth in JSON', written: { json: { '$.open': true } } },
    { why: 'how many values', written: { json: { '$.items[*]': { count: 1 } } } },
    { why: 'all values', written: { json: { '$..price': { all: { min: 1 } } } } },
    { why: 'nothing in JSON', written: { json: { '$.error': { absent: true } } } },
    { why: 'no such value', written: { json: { '$..sku': { none: { matches: '^table' } } } } },
    { why: 'firstByte', written: { firstByte: { max: '5s' } } },
    { why: 'download', written: { download: { max: '5s' } } },
    { why: 'total', written: { total: { max: '5s' } } },
  ])('$why holds', async ({ written }) => {
    const target = await answering(CART, JSON_TYPE)
    const run = await runOnce(aCheck('http', { url: target.url, expectations: expecting(written) }))
    expect(run.error).toBeUndefined()
    expect(run.assertions.map(({ held }) => held)).toEqual([true])
  })

  test.each([
    { why: 'title', written: { title: 'Featured lamps' } },
    { why: 'a selector', written: { select: { h1: 'Lamps' } } },
    { why: 'several elements', written: { select: { p: { exact: ['b', 'a'] } } } },
    { why: 'no element', written: { select: { '.error': { absent: true } } } },
  ])('$why of a page holds', async ({ written }) => {
    const target = await answering(PAGE, { 'content-type': 'text/html' })
    const run = await runOnce(aCheck('http', { url: target.url, expectations: expecting(written) }))
    expect(run.error).toBeUndefined()
    expect(run.assertions.map(({ held }) => held)).toEqual([true])
  })

  test.each([
    { written: { status: 201 }, message: 'status: expected 201, got 200' },
    {
      written: { headers: { 'content-type': { contains: 'xml' } } },
      message: 'header content-type: expected containing "xml", got application/json',
    },
    {
      written: { headers: { 'x-none': 'a' } },
      message: 'header x-none: expected a, got –',
    },
    {
      written: { body: { contains: 'chair' } },
      message: /^body: expected containing "chair", got/,
    },
    { written: { bodyBytes: { max: 9 } }, message: /^bodyBytes: expected at most 9, got \d+$/ },
    {
      written: { json: { '$.total': { max: 40 } } },
      message: 'json $.total: expected at most 40, got 49.9',
    },
    {
      written: { json: { '$.sum': { max: 40 } } },
      message:
        'json $.sum: expected at most 40, found nothing in an object with items, total, open',
    },
    {
      written: { json: { '$.items[*]': { count: { min: 2 } } } },
      message: 'json $.items[*]: expected at least 2 of them, got {"sku":"lamp-7","price":49.9}',
    },
    {
      written: { json: { '$.open': { absent: true } } },
      message: 'json $.open: expected none, got true',
    },
    {
      written: { select: { h1: 'Lamps' } },
      message:
        /^select h1: expected Lamps, found nothing in the body \(application\/json, "\{"items/,
    },
    { written: { title: 'Lamps' }, message: /^title: expected Lamps, found nothing in the body/ },
    {
      written: { total: { max: '0ms' } },
      message: /^total: expected at most 0 ms, got [\d.]+ ms$/,
    },
  ])('$message', async ({ written, message }) => {
    const target = await answering(CART, JSON_TYPE)
    const run = await runOnce(aCheck('http', { url: target.url, expectations: expecting(written) }))
    expect(run.verdict).toBe('failed')
    expect(run.error?.type).toBe('assertion')
    expect(run.error?.message).toMatch(message)
  })

  test('a body that is no JSON says what it is, and nothing is absent from it', async () => {
    const target = await answering('<html>Down for maintenance', { 'content-type': 'text/html' })
    const is = 'a body that is no JSON (text/html, "<html>Down for maintenance")'
    const run = await runOnce(
      aCheck('http', {
        url: target.url,
        expectations: expecting({ json: { '$.error': { absent: true }, '$.a': 1 } }),
      }),
    )
    expect(run.error?.message).toBe(`json $.error: expected none, got ${is} (and 1 more)`)
    expect(run.assertions.map(({ held, actual }) => ({ held, actual }))).toEqual([
      { held: false, actual: is },
      { held: false, actual: is },
    ])
  })

  test('a document that takes too long to search ends the search, not the probe', async () => {
    const target = await answering(JSON.stringify(Array(3_000).fill({ a: [1] })), JSON_TYPE)
    const startedAt = performance.now()
    const run = await runOnce(
      aCheck('http', {
        url: target.url,
        expectations: expecting({ json: { '$..[?count($..*) > 5]': { absent: true } } }),
      }),
    )
    expect(run.verdict).toBe('failed')
    expect(run.error?.message).toContain('got nothing within 100 ms, when the search was ended')
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })
})

type Body = WrittenOf<'http'>['body']

/** Resolved from what people write, as the coordinator does it. */
function resolved(kind: 'http' | 'api', url: string, body: Body, file?: string): CheckDefinition {
  const request = { url, method: 'POST' as const, body }
  const base = { id: 'send', every: '1m' }
  return resolveCheck(
    kind === 'http'
      ? { ...base, kind, ...request }
      : { ...base, kind, requests: [{ name: 'send', ...request }] },
    {
      service: { id: 'shop', tier: 'core' },
      regions: [{ id: 'eu-west' }],
      defaults: {},
      script: undefined,
      content: (path) => (path.at(-1) === 'file' ? file : undefined),
    },
  )
}

describe.each(['http', 'api'] as const)(
  'a body of a check of the kind %s arrives as meant',
  (kind) => {
    test.each<{
      why: string
      body: Body
      file?: string
      type: string | undefined
      sent: string | Buffer
    }>([
      { why: 'text', body: 'a=1 é', type: undefined, sent: 'a=1 é' },
      {
        why: 'text with its type',
        body: { text: '<a/>', type: 'text/xml' },
        type: 'text/xml',
        sent: '<a/>',
      },
      {
        why: 'JSON',
        body: { json: { sku: 'lamp-7', n: [1, null, true] } },
        type: 'application/json',
        sent: '{"sku":"lamp-7","n":[1,null,true]}',
      },
      {
        why: 'a form',
        body: { form: { sku: 'lamp 7&8', n: 1, gift: true } },
        type: 'application/x-www-form-urlencoded',
        sent: 'sku=lamp+7%268&n=1&gift=true',
      },
      {
        why: 'GraphQL',
        body: { graphql: { query: '{ cart { id } }', variables: { a: 1 } } },
        type: 'application/json',
        sent: '{"query":"{ cart { id } }","variables":{"a":1}}',
      },
      {
        why: 'a file of text',
        body: { file: './a.txt' },
        file: 'Lamps é\n',
        type: undefined,
        sent: 'Lamps é\n',
      },
      {
        why: 'a file of bytes',
        body: { file: './a.bin', type: 'image/png' },
        file: `base64:${Buffer.from([0x89, 0, 255, 254]).toString('base64')}`,
        type: 'image/png',
        sent: Buffer.from([0x89, 0, 255, 254]),
      },
    ])('$why', async ({ body, file, type, sent }) => {
      let received: Buffer | undefined
      const target = await httpTarget(async (request, response) => {
        received = await readRequest(request)
        response.end('ok')
      })
      const check = resolved(kind, target.url, body, file)
      const run = await runOnce(check as HttpCheck)
      expect(run.error).toBeUndefined()
      expect(received).toEqual(Buffer.from(sent))
      expect(target.requests[0]?.headers['content-type']).toBe(type)
      expect(target.requests[0]?.headers['content-length']).toBe(String(Buffer.from(sent).length))
      expect(target.requests[0]?.method).toBe('POST')
    })
  },
)

describe('secrets in a request', () => {
  const secrets: Record<string, string> = { SHOP_KEY: 'k&y "1"', BROKEN: 'a\nb: c' }
  const secret = (name: string) => secrets[name]

  test('are put where their names stand, and are in no report', async () => {
    let received = ''
    const target = await httpTarget(async (request, response) => {
      received = String(await readRequest(request))
      response.writeHead(500).end(`no lamps for k&y "1"`)
    })
    const run = await runOnce(
      aCheck('http', {
        url: `${target.url}a/{{SHOP_KEY}}?k={{SHOP_KEY}}`,
        method: 'POST',
        headers: { 'x-key': '{{SHOP_KEY}}', 'content-type': 'application/json' },
        body: '{"key":"{{SHOP_KEY}}"}',
        secrets: ['SHOP_KEY'],
        expectations: expecting({ body: 'ok' }),
      }),
      { secret },
    )
    const [request] = target.requests
    expect(request?.url).toBe('/a/k%26y%20%221%22?k=k%26y%20%221%22')
    expect(request?.headers['x-key']).toBe('k&y "1"')
    expect(JSON.parse(received)).toEqual({ key: 'k&y "1"' })
    expect(run.error?.message).toContain('[secret SHOP_KEY]')
    expect(JSON.stringify(run)).not.toMatch(/k&y|k%26y/)
  })

  test.each([
    {
      why: 'one that the probe does not have',
      name: 'OTHER',
      type: 'probe.secret_missing',
      message: 'this probe has no secret OTHER',
    },
    {
      why: 'one that would end its header',
      name: 'BROKEN',
      type: 'probe.secret_missing',
      message:
        '{{BROKEN}} has a line break or another character that the header x-key cannot carry',
    },
  ])('$why: nothing is sent', async ({ name, type, message }) => {
    const target = await answering('ok')
    const run = await runOnce(
      aCheck('http', { url: target.url, headers: { 'x-key': `{{${name}}}` }, secrets: [name] }),
      { secret },
    )
    expect(run.error?.type).toBe(type)
    expect(run.error?.message).toContain(message)
    expect(target.connections).toBe(0)
  })
})
