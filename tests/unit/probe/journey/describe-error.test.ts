import { expect, test } from 'vitest'
import {
  describeError,
  describeLaunchError,
  waitingFor,
  withDocumentTrouble,
  withoutQuery,
} from '../../../../src/probe/journey/host/describe-error.ts'

test('colours go, and the call log is cut to what says something', () => {
  const log = Array.from({ length: 40 }, (_, i) => `  - retrying click, attempt #${i}`)
  const error = new Error(
    ['\u001b[31mlocator.click: Timeout\u001b[39m', 'Call log:', '  - waiting', ...log].join('\n'),
  )
  expect(describeError(error).split('\n')).toEqual([
    'locator.click: Timeout',
    'Call log:',
    '  - waiting',
    ...log.slice(0, 5),
  ])
})

test.each([
  { why: 'a text', thrown: 'no lamp', says: 'no lamp' },
  { why: 'nothing', thrown: undefined, says: 'undefined' },
  { why: 'a novel', thrown: new Error('x'.repeat(10_000)), says: `${'x'.repeat(1_999)}…` },
])('$why that is thrown is described', ({ thrown, says }) => {
  expect(describeError(thrown)).toBe(says)
})

const url = 'http://shop.test/pay'

test.each([
  { why: 'nothing to add', trouble: undefined, says: 'no button' },
  {
    why: 'the status is why',
    trouble: { url, status: 502 },
    says: 'HTTP 502 from http://shop.test/pay; then: no button',
  },
  {
    why: 'the document never came',
    trouble: { url, failure: 'net::ERR_CONNECTION_REFUSED' },
    says: 'net::ERR_CONNECTION_REFUSED at http://shop.test/pay; then: no button',
  },
])('$why', ({ trouble, says }) => {
  expect(withDocumentTrouble('no button', trouble)).toBe(says)
})

test('a failed navigation is not said twice', () => {
  const said = `page.goto: net::ERR_CONNECTION_REFUSED at ${url}`
  expect(withDocumentTrouble(said, { url, failure: 'net::ERR_CONNECTION_REFUSED' })).toBe(said)
})

test.each([
  {
    why: 'an action',
    message:
      "locator.click: over\nCall log:\n\u001b[2m  - waiting for getByText('Pay')\u001b[22m\n",
    waits: "waiting for getByText('Pay')",
  },
  {
    why: 'a navigation',
    message: `page.goto: over\nCall log:\n  - navigating to "${url}", waiting until "load"`,
    waits: `navigating to "${url}", waiting until "load"`,
  },
  { why: 'anything else', message: 'over', waits: undefined },
])('what was waited for, of $why', ({ message, waits }) => {
  expect(waitingFor(new Error(message))).toBe(waits)
})

test('a browser that does not start says why, not how it was called', () => {
  const text = `browserType.launch: closed\nBrowser logs:\n<launching> /usr/bin/x --flag
[pid=7][err] error while loading shared libraries: libnss3.so\n[pid=7] <process did exit>`
  expect(describeLaunchError(new Error(text))).toBe(
    'the browser does not start: error while loading shared libraries: libnss3.so',
  )
})

test('an address loses its query and fragment', () => {
  expect(withoutQuery('http://shop.test/a/b?token=1#top')).toBe('http://shop.test/a/b')
})
