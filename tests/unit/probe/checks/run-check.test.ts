import { describe, expect, test } from 'vitest'
import { assert } from '../../../../src/base/assert.ts'
import { CheckError } from '../../../../src/probe/checks/check-runner.ts'
import type { JourneyHosts } from '../../../../src/probe/journey/journey-hosts.ts'
import { resolveExpectations } from '../../../../src/protocol/expectation.ts'
import type { RunErrorType } from '../../../../src/protocol/run.ts'
import { aCheck } from '../../../support/builders.ts'
import { runOnce } from '../../../support/check-context.ts'

/** Hosts without browsers: a journey that does what the test says. */
const hosts = (run: JourneyHosts['run']) => ({ run })

describe('a run', () => {
  test('takes what its check has written down, and its own measure of time', async () => {
    const step = { name: 'open the shop', status: 'passed', startMs: 0, ms: 400 } as const
    const artifact = { name: 'a.png', mediaType: 'image/png', bytes: 1, path: '/tmp/a.png' }
    const run = await runOnce(aCheck('journey'), {
      journeyHosts: hosts(async (_check, { findings }) => {
        findings.scriptHash('abc')
        findings.step(step)
        findings.artifact(artifact)
        findings.log('hello')
        findings.fact('pages', 3)
        findings.duration(1_234)
      }),
    })
    expect(run).toEqual({
      verdict: 'passed',
      phases: [],
      steps: [step],
      assertions: [],
      facts: { pages: 3 },
      log: ['hello'],
      artifacts: [artifact],
      durationMs: 1_234,
      quality: { eventLoopUtilization: 0, eventLoopLagMs: 0, concurrentRuns: 0 },
      scriptHash: 'abc',
    })
  })

  test.each<{ type: RunErrorType; verdict: string }>([
    { type: 'journey.step', verdict: 'failed' },
    { type: 'journey.forbidden_request', verdict: 'failed' },
    { type: 'timeout', verdict: 'failed' },
    { type: 'other', verdict: 'failed' },
    { type: 'probe.browser_missing', verdict: 'probe_fault' },
    { type: 'probe.network', verdict: 'probe_fault' },
    { type: 'probe.internal', verdict: 'probe_fault' },
  ])('that ends with $type is $verdict', async ({ type, verdict }) => {
    const journeyHosts = hosts(() => Promise.reject(new CheckError(type, 'why')))
    const run = await runOnce(aCheck('journey'), { journeyHosts })
    expect(run).toMatchObject({ verdict, error: { type, message: 'why' } })
  })

  test('that broke off keeps its steps and judges only what it saw', async () => {
    const expectations = resolveExpectations('must', { total: { max: '1s' }, title: 'Lamps' })
    const run = await runOnce(aCheck('journey', { expectations }), {
      journeyHosts: hosts(async (_check, { findings }) => {
        findings.subject('total', 3_000)
        throw new CheckError('journey.step', 'the button is missing')
      }),
    })
    expect(run.error?.type).toBe('journey.step')
    expect(run.assertions).toEqual([
      {
        level: 'must',
        subject: 'total',
        expected: 'at most 1000 ms',
        actual: '3000 ms',
        held: false,
      },
    ])
  })

  test('whose probe has a bug blames the probe, with what little it knows', async () => {
    const journeyHosts = hosts(async () => assert(false, 'a host is never asked twice'))
    const run = await runOnce(aCheck('journey'), { journeyHosts })
    expect(run.verdict).toBe('probe_fault')
    expect(run.error).toEqual({
      type: 'probe.internal',
      message: 'the check itself broke: a host is never asked twice',
    })
  })

  test('of a journey has no other time limit than the one its host keeps', async () => {
    const run = await runOnce(aCheck('journey', { timeoutMs: 1 }), {
      journeyHosts: hosts(async (_check, { signal }) => {
        await new Promise((resolve) => setTimeout(resolve, 30))
        signal.throwIfAborted()
      }),
    })
    expect(run.verdict).toBe('passed')
  })

  test('names the first broken expectation and counts the others', async () => {
    const expectations = [
      ...resolveExpectations('should', { a: 1 }),
      ...resolveExpectations('must', { a: 2, b: 3 }),
    ]
    const run = await runOnce(aCheck('journey', { expectations }), {
      journeyHosts: hosts(async (_check, { findings }) => findings.subject('a', 0)),
    })
    expect(run.verdict).toBe('failed')
    expect(run.error?.message).toBe('a: expected 2, got 0 (and 1 more)')
  })

  test('says what the check knows about a broken expectation', async () => {
    const expectations = resolveExpectations('must', { a: 1 })
    const run = await runOnce(aCheck('journey', { expectations }), {
      journeyHosts: hosts(async (_check, { findings }) =>
        findings.subject('a', 0, ({ actual }) => ({
          type: 'tls.expired',
          message: `got ${actual}`,
        })),
      ),
    })
    expect(run.error).toEqual({ type: 'tls.expired', message: 'got 0' })
  })
})
