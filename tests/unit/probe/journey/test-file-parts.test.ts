import { expect, test } from 'vitest'
import { tellError } from '../../../../src/probe/journey/test-file/describe-test-error.ts'
import { findConfig } from '../../../../src/probe/journey/test-file/find-config.ts'
import { createNetTimeline } from '../../../../src/probe/journey/test-file/net-timeline.ts'
import { variablesOf } from '../../../../src/probe/journey/test-file/pass-variables.ts'

test.each([
  {
    why: 'the nearest one counts',
    there: ['/probes/playwright.config.ts', '/probes/shop/playwright.config.mjs'],
    is: '/probes/shop/playwright.config.mjs',
  },
  {
    why: 'TypeScript before JavaScript',
    there: ['/probes/playwright.config.js', '/probes/playwright.config.ts'],
    is: '/probes/playwright.config.ts',
  },
  { why: 'none above the folder', there: ['/playwright.config.ts'], is: undefined },
])('the config of a test file: $why', ({ there, is }) => {
  expect(
    findConfig('/probes/shop/tests/cart.spec.ts', '/probes', (path) => there.includes(path)),
  ).toBe(is)
})

test('params and secrets become variables', () => {
  expect(variablesOf({ params: { PRODUCT: 'lamp', count: 2 }, secrets: { KEY: 'k' } })).toEqual({
    PRODUCT: 'lamp',
    count: '2',
    KEY: 'k',
  })
})

test.each([
  { params: { NODE_OPTIONS: '--inspect' }, secrets: {}, says: 'the name NODE_OPTIONS' },
  { params: { PATH: '/' }, secrets: {}, says: 'the name PATH' },
  { params: {}, secrets: { PLAYWRIGHT_TOKEN: 'x' }, says: 'the name PLAYWRIGHT_TOKEN' },
  { params: { KEY: 'a' }, secrets: { KEY: 'b' }, says: 'a param and a secret with the name KEY' },
])('a variable that would change the runner, or is meant twice, is refused: $says', (given) => {
  expect(() => variablesOf(given)).toThrow(given.says)
})

const SPEC = '/probes/shop/cart.spec.ts'
const sourceOf = (file: string) =>
  file === SPEC ? "import { test } from '@playwright/test'\nimport lamp from 'lamps'\n" : undefined

test.each([
  {
    why: 'an expectation has its place from Playwright, and loses its colours',
    error: {
      message: 'Error: \u001b[2mexpect(\u001b[22m1) failed',
      location: { file: SPEC, line: 3, column: 5 },
    },
    told: { message: 'expect(1) failed', place: { file: SPEC, line: 3, column: 5 } },
  },
  {
    why: 'a compiler counts columns from 0 and draws the line, which we do ourselves',
    error: {
      message: `SyntaxError: ${SPEC}: Unexpected token (4:0)\n\n  3 | x\n> 4 | })\n    | ^`,
    },
    told: { message: 'Unexpected token', place: { file: SPEC, line: 4, column: 1 } },
  },
  {
    why: 'what cannot be required is found in the text',
    error: { message: `Error: Cannot find module 'lamps'\nRequire stack:\n- ${SPEC}\n- /x.js` },
    told: { message: 'there is no package lamps here', place: { file: SPEC, line: 2, column: 18 } },
  },
  {
    why: 'frames of packages are no places',
    error: {
      message: 'Error: no shop',
      stack: `Error: no shop\n    at run (/a/node_modules/b/c.js:1:2)\n    at ${SPEC}:7:9`,
    },
    told: { message: 'no shop', place: { file: SPEC, line: 7, column: 9 } },
  },
  {
    why: 'some have none',
    error: { message: 'Test timeout of 500ms exceeded.' },
    told: { message: 'Test timeout of 500ms exceeded.', place: undefined },
  },
])('reading an error: $why', ({ error, told }) => {
  expect(tellError(error, sourceOf)).toEqual(told)
})

test('the timeline stands still until the first test, between stops, and takes nothing back', () => {
  const timeline = createNetTimeline(100)
  expect(timeline.at(400)).toBe(0)
  timeline.go(500)
  timeline.stop(600)
  timeline.stop(650)
  timeline.go(700)
  expect(timeline.at(800)).toBe(100)
  timeline.go(900)
  // Told late, of an instant that lies in what is over.
  timeline.stop(850)
  timeline.go(1_000)
  expect([timeline.at(1_100), timeline.stoodMs(1_100)]).toEqual([200, 800])
  timeline.stop(1_100)
  timeline.stopAll(1_200)
  timeline.go(1_500)
  expect(timeline.at(1_600)).toBe(300)
})
