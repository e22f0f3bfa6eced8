// biome-ignore-all lint/suspicious/noTemplateCurlyInString: so are variables written in YAML.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkShape } from '../../../../src/definitions/yaml/check-shape.ts'
import { parseYaml } from '../../../../src/definitions/yaml/parse-yaml.ts'
import { findPlace, whereIs } from '../../../../src/definitions/yaml/yaml-file.ts'
import { CheckFile } from '../../../../src/protocol/check-file.ts'

const readValue = (text: string, environment = {}) => {
  const { yaml, problems } = parseYaml('a.yaml', text, environment)
  expect(problems).toEqual([])
  return yaml?.value
}

test.each([
  { text: 'a: ${X}', x: '443', value: { a: 443 }, why: 'a plain variable of digits is a number' },
  { text: 'a: ${X}', x: 'true', value: { a: true }, why: 'and true is a boolean' },
  { text: 'a: "${X}"', x: '443', value: { a: '443' }, why: 'quotes say text' },
  { text: 'a: ${X}0', x: '44', value: { a: '440' }, why: 'a part of a text is text' },
  { text: 'a: ${X}', x: '~', value: { a: '~' }, why: 'null cannot be put in' },
  { text: 'a: ${X}', x: '[1, 2]', value: { a: '[1, 2]' }, why: 'nor can a list' },
  { text: 'a: ${X}', x: 'b\nc: d', value: { a: 'b\nc: d' }, why: 'nor can a further key' },
  { text: 'a: ${X}', x: '*b', value: { a: '*b' }, why: 'nor an alias' },
  { text: 'a: |\n  ${X}\n', x: 'b', value: { a: 'b\n' }, why: 'variables work in blocks' },
  { text: '${X}: a', x: 'b', value: { '${X}': 'a' }, why: 'keys are not made of variables' },
  { text: 'a: 0777', x: '', value: { a: 777 }, why: 'no octal numbers by surprise' },
  { text: 'a: no', x: '', value: { a: 'no' }, why: 'nor booleans' },
  { text: 'a: 12:30', x: '', value: { a: '12:30' }, why: 'nor base 60' },
  { text: 'a: 2026-03-13', x: '', value: { a: '2026-03-13' }, why: 'nor dates' },
  { text: 'a: &x [1]\nb: *x\n', x: '', value: { a: [1], b: [1] }, why: 'aliases repeat' },
  { text: '1: a', x: '', value: { '1': 'a' }, why: 'keys are text' },
])('$why', ({ text, x, value }) => {
  expect(readValue(text, { X: x })).toEqual(value)
})

test('places are of keys and of values', () => {
  const { yaml } = parseYaml('a.yaml', 'one:\n  - two: "${X}"\n', { X: '1' })
  if (!yaml) throw new Error('this is YAML')

  expect(whereIs(yaml, ['one', 0, 'two'])).toBe('a.yaml:2:10')
  expect(findPlace(yaml, ['one', 0, 'two'])).toMatchObject({ keyAt: 9, at: 14, written: '${X}' })
  expect(findPlace(yaml, ['one', 1])).toBeUndefined()
})

test.each([
  { why: 'brackets', text: '['.repeat(10_000) },
  { why: 'braces', text: '{a: '.repeat(10_000) },
  { why: 'lists', text: '- '.repeat(10_000) },
  { why: 'keys', text: '? '.repeat(10_000) },
  { why: 'quotes', text: '"'.repeat(10_000) },
  { why: 'anchors', text: '&a '.repeat(10_000) },
  { why: 'tags', text: `[${'!a 1,'.repeat(10_000)}]` },
  { why: 'duplicates', text: 'a: 1\n'.repeat(10_000) },
])('ten thousand $why are refused, with few problems', ({ text }) => {
  const { problems } = parseYaml('a.yaml', text, {})

  expect(problems.length).toBeGreaterThan(0)
  expect(problems.length).toBeLessThanOrEqual(101)
})

/** Text that is likely to come near to YAML. */
const yamlish = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...[
          '\n',
          '  ',
          '- ',
          ': ',
          '? ',
          '[',
          ']',
          '{',
          '}',
          ',',
          '&a ',
          '*a',
          '!!js ',
          '!',
          '|',
          '>',
        ],
        ...[
          '"',
          "'",
          '#',
          '%',
          '---',
          '...',
          '\t',
          '\r\n',
          '<<: ',
          '${X}',
          '${',
          '$${',
          '\0',
          '\ufeff',
        ],
        ...['service', 'checks', 'id', 'kind', 'http', 'every', '30s', '__proto__', '~', '1e999'],
      ),
      fc.string({ maxLength: 5 }),
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(''))

test('no text whatever makes it throw, and every problem has a place in it', () => {
  fc.assert(
    fc.property(yamlish, (text) => {
      const { yaml, problems } = parseYaml('a.yaml', text, { X: 'x' })
      const shaped = yaml ? checkShape(yaml, CheckFile).problems : []
      expect(yaml !== undefined || problems.length > 0).toBe(true)
      const lineCount = text.split('\n').length
      for (const { line, column } of [...problems, ...shaped]) {
        expect(line).toBeGreaterThanOrEqual(1)
        expect(line).toBeLessThanOrEqual(lineCount)
        expect(column).toBeGreaterThanOrEqual(1)
      }
    }),
    { numRuns: 500 },
  )
})

test('whatever a variable holds, the structure of the file stays', () => {
  const text = 'a: ${X}\nb:\n  - "${X}"\n  - x${X}y\n  - >-\n    ${X}\nc: { d: "${X:-1}" }\n'
  fc.assert(
    fc.property(fc.oneof(yamlish, fc.string({ minLength: 1 })), (x) => {
      fc.pre(x !== '')
      const value = readValue(text, { X: x }) as { a: unknown }
      expect(value).toEqual({ a: value.a, b: [x, `x${x}y`, x], c: { d: x } })
      expect(String(value.a)).toBe(x)
    }),
  )
})
