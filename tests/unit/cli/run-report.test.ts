import { expect, test } from 'vitest'
import { type Paint, renderRun } from '../../../src/cli/run-report.ts'
import type { Run } from '../../../src/protocol/run.ts'
import { aCheck, aRun } from '../../support/builders.ts'

const plain: Paint = (_, text) => text

const report = (run: Partial<Run>, check = aCheck('http', { name: 'Homepage' })) =>
  renderRun(check, aRun(run), { paint: plain, artifactsFolder: '.firewatch/last-run' })

test('a network check: phases with aligned times and bars, and what was expected', () => {
  expect(
    report({
      durationMs: 42,
      phases: [
        { name: 'dns', ms: 2.25 },
        { name: 'connect', ms: 9.75 },
        { name: 'firstByte', ms: 30 },
      ],
      assertions: [
        { level: 'must', subject: 'status', expected: '200', actual: '200', held: true },
        {
          level: 'should',
          subject: 'total',
          expected: 'at most 30 ms',
          actual: '42 ms',
          held: false,
        },
      ],
      verdict: 'degraded',
    }),
  ).toBe(`! degraded  shop-home  Homepage  (http, 42 ms)

    dns        2.3 ms  ██
    connect    9.8 ms   ███████
    firstByte   30 ms          ████████████████████

  ✓ held    status  expected 200, got 200
  ✗ should  total   expected at most 30 ms, got 42 ms
`)
})

test('a journey: its steps, the one that failed with its reason, and where the picture is', () => {
  expect(
    report(
      {
        checkId: 'checkout-stop',
        durationMs: 1_500,
        verdict: 'failed',
        error: { type: 'journey.step', message: 'HTTP 502\nat the cart' },
        steps: [
          { name: 'open the shop', status: 'passed', startMs: 0, ms: 500 },
          {
            name: 'go to checkout',
            status: 'failed',
            startMs: 500,
            ms: 1_000,
            error: 'HTTP 502\nat the cart',
          },
          { name: 'pay', status: 'skipped', startMs: 1_500, ms: 0 },
        ],
        artifacts: [{ name: 'screenshot.png', mediaType: 'image/png', bytes: 4 }],
      },
      aCheck('journey', { id: 'checkout-stop', name: 'checkout-stop' }) as never,
    ),
  ).toBe(`✗ failed  checkout-stop  (journey, 1.5 s)

  ✓ open the shop   500 ms  █████████
  ✗ go to checkout   1.0 s           ███████████████████
      HTTP 502
      at the cart
  – pay             0.0 ms                             █

  screenshot.png: .firewatch/last-run/screenshot.png
`)
})

test('a chain of requests: its steps, each exchange, and whose expectation was broken', () => {
  const exchange = { method: 'GET', startMs: 0, phases: [] }
  expect(
    report(
      {
        checkId: 'orders',
        durationMs: 90,
        verdict: 'failed',
        error: { type: 'assertion', message: 'look at it: status: expected 2xx, got 503' },
        steps: [
          { name: 'create', status: 'passed', startMs: 0, ms: 40 },
          {
            name: 'look at it',
            status: 'failed',
            startMs: 40,
            ms: 50,
            error: 'status: expected 2xx, got 503',
          },
        ],
        exchanges: [
          {
            ...exchange,
            part: 'create',
            method: 'POST',
            url: 'http://a.test/o',
            status: 201,
            ms: 40,
          },
          { ...exchange, part: 'look at it', url: 'http://a.test/o/7', ms: 50 },
        ],
        assertions: [
          {
            level: 'must',
            subject: 'status',
            part: 'look at it',
            expected: '2xx',
            actual: '503',
            held: false,
          },
        ],
      },
      aCheck('api', { id: 'orders', name: 'orders' }) as never,
    ),
  ).toBe(`✗ failed  orders  (api, 90 ms)

  ✓ create      40 ms  ████████████
  ✗ look at it  50 ms              ████████████████
      status: expected 2xx, got 503

  create      POST http://a.test/o  201  40 ms
  look at it  GET http://a.test/o/7  no answer  50 ms

  ✗ broken  look at it: status  expected 2xx, got 503
`)
})

test('a fault of this machine is called that, with its type', () => {
  const text = report({
    verdict: 'probe_fault',
    error: { type: 'probe.browser_missing', message: 'no Chromium found' },
  })
  expect(text).toContain('? probe fault  shop-home')
  expect(text).toContain('probe.browser_missing: no Chromium found')
})

test('what the target says cannot steer the terminal', () => {
  const text = report({
    verdict: 'failed',
    error: { type: 'assertion', message: 'body: \u001b[2J\u001b]0;owned\u0007 \u202eevil' },
    facts: { address: '\u001b[31m127.0.0.1\r\n' },
    log: ['\u0000\u0008bell\u0007'],
  })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there.
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f\u202e]/)
  expect(text).toContain('127.0.0.1')
})
