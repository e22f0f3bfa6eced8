// biome-ignore-all lint/suspicious/noTemplateCurlyInString: so are variables written in YAML.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { asPlainScalar, substitute } from '../../../../src/definitions/yaml/substitute.ts'

const ENVIRONMENT = {
  HOST: 'shop.test',
  PORT: '8443',
  EMPTY: '',
  NESTED: '${HOST}',
  UNDEFINED: undefined,
}

describe('variables in a text', () => {
  test.each([
    { text: 'plain', becomes: 'plain', from: 'nothing', why: 'nothing to put in' },
    { text: '${HOST}', becomes: 'shop.test', from: 'whole', why: 'one variable and nothing else' },
    {
      text: 'https://${HOST}:${PORT}/',
      becomes: 'https://shop.test:8443/',
      from: 'part',
      why: 'several within a text',
    },
    { text: '${HOST}${PORT}', becomes: 'shop.test8443', from: 'part', why: 'two are not one' },
    {
      text: '${NO:-other.test}',
      becomes: 'other.test',
      from: 'whole',
      why: 'a default for what is unset',
    },
    {
      text: '${UNDEFINED:-x}',
      becomes: 'x',
      from: 'whole',
      why: 'a variable that is undefined is unset',
    },
    {
      text: '${EMPTY:-x}',
      becomes: 'x',
      from: 'whole',
      why: 'empty counts as unset where there is a default, as in a shell',
    },
    { text: '${EMPTY}', becomes: '', from: 'whole', why: 'empty is a value where there is none' },
    { text: '${NO:-}', becomes: '', from: 'whole', why: 'the default may be empty' },
    {
      text: '${HOST:-x}',
      becomes: 'shop.test',
      from: 'whole',
      why: 'a default is not needed when it is set',
    },
    { text: '$${HOST}', becomes: '${HOST}', from: 'nothing', why: 'two dollars are for one' },
    {
      text: '$$${HOST}',
      becomes: '$${HOST}',
      from: 'nothing',
      why: 'and a dollar before them is plain',
    },
    {
      text: '$HOST and $5',
      becomes: '$HOST and $5',
      from: 'nothing',
      why: 'without braces it is no variable',
    },
    {
      text: '${NESTED}',
      becomes: '${HOST}',
      from: 'whole',
      why: 'what a variable holds names no other',
    },
    {
      text: '${NO:-a:-b}',
      becomes: 'a:-b',
      from: 'whole',
      why: 'a default may hold anything but a brace',
    },
  ])('$text: $why', ({ text, becomes, from }) => {
    expect(substitute(text, ENVIRONMENT)).toEqual({ kind: 'text', text: becomes, from })
  })

  test.each([
    { text: 'x${NO}', result: { kind: 'unset', name: 'NO', at: 1 } },
    { text: '${toString}', result: { kind: 'malformed', at: 0 } },
    { text: 'ab${HOST', result: { kind: 'malformed', at: 2 } },
    { text: '${HOST:x}', result: { kind: 'malformed', at: 0 } },
    { text: '${1A}', result: { kind: 'malformed', at: 0 } },
    { text: '${}', result: { kind: 'malformed', at: 0 } },
    { text: '${A:-${B}}', result: { kind: 'malformed', at: 0 } },
  ])('$text is refused', ({ text, result }) => {
    expect(substitute(text, ENVIRONMENT)).toEqual(result)
  })

  test('a name that every object has is not a variable', () => {
    const inherited = Object.create({ HOST: 'inherited' }) as Record<string, string>
    expect(substitute('${HOST}', inherited)).toMatchObject({ kind: 'unset' })
  })

  test('what is escaped comes out as it was', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const escaped = text.replaceAll('${', () => '$${')
        // A dollar right before would turn the escape into another one.
        fc.pre(!text.includes('$$'))
        expect(substitute(escaped, {})).toEqual({ kind: 'text', text, from: 'nothing' })
      }),
    )
  })
})

test.each([
  { text: '443', value: 443 },
  { text: '-1.5', value: -1.5 },
  { text: '0', value: 0 },
  { text: 'true', value: true },
  { text: 'false', value: false },
  { text: '', value: undefined },
  { text: 'null', value: undefined },
  { text: 'yes', value: undefined },
  { text: '007', value: undefined },
  { text: '1e5', value: undefined },
  { text: '0x1f', value: undefined },
  { text: '9007199254740993', value: undefined },
  { text: ' 1', value: undefined },
])('"$text" as a plain scalar: $value', ({ text, value }) => {
  expect(asPlainScalar(text)).toBe(value)
})
