import { expect, test } from 'vitest'
import { addJourney, firstJourneyUrl } from '../../../src/definitions/add-journey.ts'

const entry = { id: 'walk', script: './walk.journey.ts', url: 'https://shop.example.com/' }
const VARIABLE_URL = `${'$'}{SHOP_URL:-http://shop.test}/`
const LINES = `- id: walk
  kind: journey
  script: ./walk.journey.ts
  url: https://shop.example.com/
  every: 1m
`
const indented = LINES.replace(/^/gm, '  ').trimEnd()

test.each([
  {
    why: 'no file yet: it is made, with the line for editors',
    text: undefined,
    gives: `# yaml-language-server: $schema=../../config/schemas/checks.schema.json
service: shop

checks:
${indented}
`,
  },
  {
    why: 'comments, quotes and odd spaces stay as they are',
    text: `# first\nservice: 'shop'   # ours\nchecks:\n  # the home\n  - { id: home,   kind: http, url: "http://a/" } # keep\n`,
    gives: `# first\nservice: 'shop'   # ours\nchecks:\n  # the home\n  - { id: home,   kind: http, url: "http://a/" } # keep\n${indented}\n`,
  },
  {
    why: 'blank lines between checks are kept up',
    text: 'service: shop\nchecks:\n  - id: a\n    kind: http\n\n  # two\n  - id: b\n    kind: http\n',
    gives: `service: shop\nchecks:\n  - id: a\n    kind: http\n\n  # two\n  - id: b\n    kind: http\n\n${indented}\n`,
  },
  {
    why: 'a list that is not indented, no line break at the end',
    text: 'service: shop\nchecks:\n- id: a\n  kind: http',
    gives: `service: shop\nchecks:\n- id: a\n  kind: http\n${LINES}`,
  },
  {
    why: 'what follows the list, and a comment inside of the last check, stay in their place',
    text: 'service: shop\nchecks:\n  - id: a\n    kind: http\n    # of a\ndefaults: { every: 1m }\n',
    gives: `service: shop\nchecks:\n  - id: a\n    kind: http\n    # of a\n${indented}\ndefaults: { every: 1m }\n`,
  },
  {
    why: 'line ends of Windows',
    text: 'service: shop\r\nchecks:\r\n  - id: a\r\n    kind: http\r\n',
    gives: `service: shop\r\nchecks:\r\n  - id: a\r\n    kind: http\r\n${indented.replaceAll('\n', '\r\n')}\r\n`,
  },
  {
    why: 'a list in brackets',
    text: 'service: shop # ours\nchecks: [{ id: a, kind: http }]\n',
    gives:
      'service: shop # ours\nchecks: [ { id: a, kind: http }, { id: walk, kind: journey, script: ./walk.journey.ts, url: https://shop.example.com/, every: 1m } ]\n',
  },
  {
    why: 'no list yet',
    text: 'service: shop\nchecks:\n',
    gives: `service: shop\nchecks:\n${indented}\n`,
  },
])('$why', ({ text, gives }) => {
  expect(addJourney(text, 'shop', entry)).toEqual({ ok: true, text: gives })
})

test('secrets are named, and an address with variables is written so that it means itself', () => {
  const added = addJourney(undefined, 'shop', {
    ...entry,
    url: VARIABLE_URL,
    secrets: ['SHOP_PASSWORD', 'SHOP_PIN'],
  })
  expect(added).toMatchObject({
    text: expect.stringContaining(`url: ${VARIABLE_URL}\n`),
  })
  expect(added).toMatchObject({
    text: expect.stringContaining('    secrets: [SHOP_PASSWORD, SHOP_PIN]\n    every: 1m\n'),
  })
})

test.each([
  { why: 'another service', text: 'service: mail\nchecks:\n  - id: a\n', says: 'service mail' },
  { why: 'the id is taken', text: 'service: shop\nchecks:\n  - id: walk\n', says: 'the id walk' },
  { why: 'no YAML', text: 'service: [', says: 'not valid YAML' },
  { why: 'something else', text: '- a\n', says: 'does not say service and checks' },
])('refused: $why', ({ text, says }) => {
  expect(addJourney(text, 'shop', entry)).toEqual({ ok: false, why: expect.stringContaining(says) })
})

test('the first address of a journey, not of another kind', () => {
  const text = `service: shop
checks:
  - { id: a, kind: http, url: 'http://a/' }
  - { id: b, kind: journey }
  - { id: c, kind: journey, url: 'http://c/' }
`
  expect(firstJourneyUrl(text)).toBe('http://c/')
  expect(firstJourneyUrl('service: [')).toBeUndefined()
})
