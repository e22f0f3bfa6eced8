import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CheckError } from '../../../../src/probe/checks/check-runner.ts'
import { fillTemplate, type RequestTemplate } from '../../../../src/probe/network/fill-template.ts'

const fill = (template: Partial<RequestTemplate>, values: Record<string, string> = {}) =>
  fillTemplate({ url: 'http://shop.test/', headers: {}, ...template }, (name) => {
    const value = values[name]
    if (value === undefined) throw new CheckError('http.capture', `no ${name}`)
    return value
  })

/** The type of what is thrown; `none` when nothing is. */
function thrownType(work: () => unknown): string {
  try {
    work()
    return 'none'
  } catch (error) {
    return error instanceof CheckError ? error.type : 'another error'
  }
}

const json = { 'Content-Type': 'application/json; charset=utf-8' }
const form = { 'content-type': 'application/x-www-form-urlencoded' }

describe('a value keeps its meaning, whatever it holds', () => {
  // Every text that a server may send, halves of surrogate pairs included.
  const values = fc.string({ unit: 'binary', maxLength: 50 })
  const anyText = fc.oneof(
    values,
    fc.constantFrom('../..', '%2e', '?&#=', '{{NAME}}', '"\n\\', '$&'),
  )

  test('in the query and the path of an address', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        fc.pre(value !== '.' && value !== '..')
        const url = 'http://shop.test/a/{{NAME}}/b?q={{NAME}}&r=1'
        const filled = fill({ url }, { NAME: value }).url
        const [, first, inPath, last, ...more] = filled.pathname.split('/')
        expect([first, decodeURIComponent(inPath ?? ''), last, ...more]).toEqual([
          'a',
          value.toWellFormed(),
          'b',
        ])
        expect([...filled.searchParams]).toEqual([
          ['q', value.toWellFormed()],
          ['r', '1'],
        ])
        expect(filled.host).toBe('shop.test')
      }),
    )
  })

  test('in a JSON body', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        const body = JSON.stringify({ sku: 'a {{NAME}} b', n: 1 })
        const filled = fill({ body, headers: json }, { NAME: value }).body
        expect(JSON.parse(String(filled))).toEqual({ sku: `a ${value} b`, n: 1 })
      }),
    )
  })

  test('in a form', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        const filled = fill({ body: 'a=1&sku={{NAME}}&b=2', headers: form }, { NAME: value }).body
        expect([...new URLSearchParams(String(filled))]).toEqual([
          ['a', '1'],
          ['sku', value.toWellFormed()],
          ['b', '2'],
        ])
      }),
    )
  })

  test('in other text, and it is not looked into again', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        expect(fill({ body: '<a>{{NAME}}</a>' }, { NAME: value }).body).toBe(`<a>${value}</a>`)
      }),
    )
  })

  test('in a header, or it is refused: it never ends one', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        const work = () => fill({ headers: { 'x-sku': 'a {{NAME}}' } }, { NAME: value })
        if (/[^\t\x20-\x7e\x80-\xff]/.test(value))
          expect(thrownType(work)).toBe('probe.secret_missing')
        else expect(work().headers['x-sku']).toBe(`a ${value}`)
      }),
    )
  })
})

test.each([
  { why: 'a line feed in a header', template: { headers: { a: '{{name}}' } }, value: 'x\ny: z' },
  { why: 'a carriage return in a header', template: { headers: { a: '{{name}}' } }, value: 'x\r' },
  { why: 'a way up in a path', template: { url: 'http://shop.test/a/{{NAME}}/b' }, value: '..' },
  { why: 'half of a way up', template: { url: 'http://shop.test/a/.{{NAME}}/b' }, value: '.' },
  { why: 'a host', template: { url: 'http://{{NAME}}.test/' }, value: 'shop' },
  { why: 'a login', template: { url: 'http://ada:{{NAME}}@shop.test/' }, value: 'lamp' },
  {
    why: 'more than can be sent',
    template: { body: '{{NAME}}'.repeat(100) },
    value: 'x'.repeat(20_000),
  },
  { why: 'a name that stands for nothing', template: { body: '{{OTHER}}' }, value: 'x' },
])('$why is refused', ({ template, value }) => {
  expect(thrownType(() => fill(template, { NAME: value, name: value }))).toBe('http.capture')
})

test('what is no name in double braces stays as it is', () => {
  const body = '{{ NAME }} {{1}} {NAME} {{}} {{a-b}} query { cart { id }}'
  expect(fill({ body }).body).toBe(body)
})

test('bytes are sent as they are', () => {
  const bytes = Buffer.from([0, 255, 0x7b, 0x7b])
  expect(fill({ bodyBase64: bytes.toString('base64') }).body).toEqual(bytes)
})
