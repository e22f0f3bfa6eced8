import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type HtmlValue, html } from '../../../src/demo/shop/html.ts'

test.each<{ value: HtmlValue; markup: string; why: string }>([
  {
    value: `<a href='x'>"&"</a>`,
    markup: '&lt;a href=&#39;x&#39;&gt;&quot;&amp;&quot;&lt;/a&gt;',
    why: 'text is escaped',
  },
  { value: '&lt;', markup: '&amp;lt;', why: 'what looks escaped is text too' },
  { value: html`<b>${'<'}</b>`, markup: '<b>&lt;</b>', why: 'markup stays, escaped once' },
  { value: [html`<i></i>`, '<', 2], markup: '<i></i>&lt;2', why: 'lists are joined, item by item' },
  { value: undefined, markup: '', why: 'nothing is nothing' },
  { value: false, markup: '', why: 'a condition that does not hold is nothing' },
  { value: 0, markup: '0', why: 'zero is a number' },
  { value: '\\n', markup: '\\n', why: 'a backslash is a character' },
])('$why', ({ value, markup }) => {
  expect(String(html`<p>${value}</p>`)).toBe(`<p>${markup}</p>`)
})

test('an object that only looks like markup is no markup', () => {
  const forged = JSON.parse('{"toString":"x","markup":"<script>"}')
  expect(() => html`${forged}`).toThrow()
})

test('no text can open a tag, leave an attribute, or start an entity', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const escaped = String(html`${text}`)
      return !/[<>"']|&(?!(?:amp|lt|gt|quot|#39);)/.test(escaped)
    }),
  )
})
