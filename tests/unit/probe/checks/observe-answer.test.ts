import { describe, expect, test } from 'vitest'
import {
  observeBody,
  observeHead,
  readAnswer,
} from '../../../../src/probe/checks/observe-answer.ts'
import { createFindingsRecorder } from '../../../../src/probe/checks/record-findings.ts'
import { createTimeBox } from '../../../../src/probe/checks/time-box.ts'

const answer = (body: string | Buffer, contentType?: string) => ({
  body: Buffer.from(body),
  headers: new Map(contentType === undefined ? [] : [['content-type', contentType]]),
})
const read = (body: string | Buffer, contentType?: string) => readAnswer(answer(body, contentType))

describe('values of JSON', () => {
  const shop = JSON.stringify({
    items: [
      { sku: 'lamp-7', price: 49.9, tags: ['warm', 'desk'] },
      { sku: 'lamp-8', price: 12, tags: [] },
    ],
    open: true,
    closedBy: null,
    'odd key': { a: 1 },
    '': 'empty',
  })

  test.each([
    { path: '$.items[0].sku', found: ['lamp-7'] },
    { path: '$.items[*].price', found: [49.9, 12] },
    { path: '$..sku', found: ['lamp-7', 'lamp-8'] },
    { path: "$['odd key']", found: ['{"a":1}'] },
    { path: '$.items[0].tags', found: ['["warm","desk"]'] },
    { path: '$.open', found: [true] },
    { path: '$.closedBy', found: ['null'] },
    { path: "$['']", found: ['empty'] },
    { path: '$.items[?@.price > 20].sku', found: ['lamp-7'] },
    { path: '$.items[?match(@.sku, "lamp-[0-7]")].sku', found: ['lamp-7'] },
    { path: '$.items[-1].sku', found: ['lamp-8'] },
    { path: '$.nothing', found: [] },
    { path: '$.items[9]', found: [] },
  ])('$path', ({ path, found }) => {
    expect(read(shop, 'application/json').json.find(path)).toEqual(found)
  })

  test.each([
    { why: 'a byte order mark', body: '\ufeff{"a":"é"}', type: 'application/json' },
    {
      why: 'UTF-16',
      body: Buffer.from('{"a":"é"}', 'utf16le'),
      type: 'application/json; charset=utf-16le',
    },
    {
      why: 'Latin-1',
      body: Buffer.from('{"a":"é"}', 'latin1'),
      type: 'application/json; charset=iso-8859-1',
    },
    { why: 'no content type', body: '{"a":"é"}', type: undefined },
  ])('with $why', ({ body, type }) => {
    expect(read(body, type).json.find('$.a')).toEqual(['é'])
  })

  test('invalid UTF-8 is read with signs for what is broken', () => {
    const body = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from('"}')])
    expect(read(body).json.find('$.a')).toEqual(['\ufffd'])
  })

  test.each([
    {
      why: 'a page',
      body: '<html>\n  <body>Down for maintenance',
      type: 'text/html',
      message: 'a body that is no JSON (text/html, "<html> <body>Down for maintenance")',
    },
    {
      why: 'nothing at all',
      body: '',
      type: undefined,
      message: 'a body that is no JSON (no content type, empty)',
    },
    {
      why: 'a long text',
      body: 'x'.repeat(500),
      type: 'text/plain',
      message: `a body that is no JSON (text/plain, "${'x'.repeat(80)}…")`,
    },
  ])('$why is no JSON, and that is said', ({ body, type, message }) => {
    expect(() => read(body, type).json.find('$.a')).toThrow(message)
  })

  test.each([
    { body: '{"a":1,"b":2}', words: 'an object with a, b' },
    { body: '{}', words: 'an empty object' },
    { body: '[1,2]', words: 'a list of 2' },
    { body: 'true', words: 'true' },
    { body: 'null', words: 'null' },
    {
      body: JSON.stringify(Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`f${i}`, i]))),
      words: 'an object with f0, f1, f2, f3, f4, f5, f6, f7, f8, f9 and 2 more',
    },
  ])('what is there instead of nothing: $words', ({ body, words }) => {
    expect(read(body).json.describe()).toBe(words)
  })
})

describe('texts of HTML and XML', () => {
  const page = `<!doctype html><html><head><title>Featured
      lamps</title></head><body><h1 class=big>Lamps &amp; <b>more</b></h1>
      <ul><li>one <li>two</ul><svg><title>A drawing</title></svg></body></html>`
  const feed = `<?xml version="1.0"?><rss><channel><title>News</title>
      <item><title>First</title><Link>a</Link></item><item><title>Second</title></item></channel></rss>`

  test.each([
    { selector: 'h1', found: ['Lamps & more'] },
    { selector: 'h1.big > b', found: ['more'] },
    { selector: 'ul li', found: ['one', 'two'] },
    { selector: 'li:nth-child(2)', found: ['two'] },
    { selector: 'ul:has(> li)', found: ['one two'] },
    { selector: 'table', found: [] },
  ])('$selector in a page', ({ selector, found }) => {
    expect(read(page, 'text/html').markup.find(selector)).toEqual(found)
  })

  test.each([
    { selector: 'item > title', found: ['First', 'Second'] },
    { selector: 'Link', found: ['a'] },
    { selector: 'link', found: [] },
  ])('$selector in XML, where case counts', ({ selector, found }) => {
    expect(read(feed, 'application/rss+xml').markup.find(selector)).toEqual(found)
    expect(read(feed, 'text/plain').markup.find(selector)).toEqual(found)
  })

  test.each([
    { why: "a page's", body: page, type: 'text/html', title: 'Featured lamps' },
    { why: "a feed's", body: feed, type: 'text/xml', title: 'News' },
    { why: 'of a document', body: '<a><b/><title> x </title></a>', type: 'text/xml', title: 'x' },
    {
      why: 'only of a drawing',
      body: '<svg><title>x</title></svg>',
      type: 'text/html',
      title: undefined,
    },
    { why: 'none', body: 'plain', type: undefined, title: undefined },
  ])('title: $why', ({ body, type, title }) => {
    expect(read(body, type).markup.title()).toBe(title)
  })
})

describe('what others send cannot keep the probe busy', () => {
  const deep = 100_000
  test.each([
    { why: 'deep lists', body: `${'['.repeat(deep)}${']'.repeat(deep)}`, ask: '$..a' },
    {
      why: 'deep lists, each in full',
      body: `${'['.repeat(deep)}${']'.repeat(deep)}`,
      ask: '$..*',
    },
    { why: 'many values', body: JSON.stringify(Array(400_000).fill({ a: 1 })), ask: '$..a' },
    {
      why: 'an evil path',
      body: JSON.stringify(Array(2_000).fill({ a: [1] })),
      ask: '$..[?count($..*) > 5]',
    },
    {
      why: 'an evil pattern',
      body: JSON.stringify([`${'a'.repeat(40)}!`]),
      ask: '$[?match(@, "(a|a)+")]',
    },
    { why: 'deep elements', body: '<a>'.repeat(deep), ask: 'a b a b' },
    { why: 'an evil selector', body: '<a>'.repeat(3_000), ask: 'a:has(a:has(a:has(b)))' },
    { why: 'many elements', body: '<p>x</p>'.repeat(200_000), ask: 'p ~ p ~ p ~ b' },
    { why: 'open attributes', body: '<a b="'.repeat(200_000), ask: 'a' },
  ])('$why', ({ body, ask }) => {
    const { json, markup } = read(body)
    const find = (key: string) => (key.startsWith('$') ? json.find(key) : markup.find(key))
    const timeBox = createTimeBox()
    const before = process.threadCpuUsage()
    for (let i = 0; i < 10; i++) {
      try {
        timeBox.run(() => find(ask))
      } catch (error) {
        expect(error).toBeInstanceOf(Error)
      }
    }
    // All of one run together may take 200 ms; what cannot be interrupted is short.
    expect(process.threadCpuUsage(before).user / 1_000).toBeLessThan(1_500)
  })
})

test('what is written down: head, body, and lookups that wait to be asked', () => {
  const { findings, recorded } = createFindingsRecorder()
  const headers = new Map([['content-type', 'application/json']])
  observeHead({ status: 201, headers }, findings)
  observeBody({ headers, body: Buffer.from('{"a":"é"}') }, findings)
  expect(Object.fromEntries(recorded.observed)).toEqual({
    status: 201,
    'header content-type': 'application/json',
    body: '{"a":"é"}',
    bodyBytes: 10,
  })
  expect([...recorded.lookups.keys()]).toEqual(['json', 'select', 'title'])
  expect(recorded.lookups.get('json')?.('$.a')).toEqual(['é'])
})
