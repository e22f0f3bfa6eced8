import { readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Findings } from '../../../../src/probe/checks/check-runner.ts'
import { conclude } from '../../../../src/probe/checks/conclude.ts'
import { createFindingsRecorder } from '../../../../src/probe/checks/record-findings.ts'
import type { Measured } from '../../../../src/probe/checks/run-check.ts'
import { ExchangeFile } from '../../../../src/protocol/exchange.ts'
import { resolveExpectations } from '../../../../src/protocol/expectation.ts'
import { Run, type RunError } from '../../../../src/protocol/run.ts'
import { aCheck, aRun } from '../../../support/builders.ts'

const ADDRESSES = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '2001:db8::1', '2001:db8::2', '::1']

function part(address: string, write: (findings: Findings) => void, broken?: RunError): Measured {
  const { findings, recorded } = createFindingsRecorder()
  write(findings)
  return { recorded, broken, wallMs: 1, address }
}

const conclusion = (measured: Measured[], expectations = resolveExpectations('must', {})) =>
  conclude(aCheck('http', { expectations }), measured, {
    runId: aRun().runId,
    tempFolder: tmpdir(),
    quality: { eventLoopUtilization: 0, eventLoopLagMs: 0, concurrentRuns: 0 },
  })

const noNetwork: RunError = { type: 'probe.network', message: 'this probe has no network' }
const refused: RunError = { type: 'connect.refused', message: 'connection refused' }

describe('of several addresses', () => {
  const status = (value: number) => (findings: Findings) => findings.subject('status', value)
  const must = resolveExpectations('must', { status: 200 })

  test('one that fails counts more than one that this probe cannot reach', async () => {
    const run = await conclusion([
      part('::1', status(200), noNetwork),
      part('192.0.2.1', status(200), refused),
    ])
    expect(run).toMatchObject({
      verdict: 'failed',
      error: { type: 'connect.refused', message: '192.0.2.1: connection refused' },
    })
  })

  test('so does one that answers wrongly', async () => {
    const run = await conclusion(
      [part('::1', () => undefined, noNetwork), part('192.0.2.1', status(500))],
      must,
    )
    expect(run).toMatchObject({ verdict: 'failed', error: { type: 'assertion' } })
    expect(run.error?.message).toBe('192.0.2.1: status: expected 200, got 500')
  })

  test('one that cannot be reached is not known, also when the others are as they must be', async () => {
    const run = await conclusion(
      [part('192.0.2.1', status(200)), part('::1', status(500), noNetwork)],
      must,
    )
    expect(run).toMatchObject({
      verdict: 'probe_fault',
      error: { type: 'probe.network', message: '::1: this probe has no network' },
    })
  })
})

const EXCHANGE = { request: { method: 'GET', url: 'http://shop.test/', headers: [] } }

/** As much as one part may write down. */
function writeAll(findings: Findings) {
  for (let i = 0; i < 200; i++) {
    findings.log(`s3cr ${'x'.repeat(995)}`)
    findings.fact(`fact ${i}`, 'x'.repeat(4_000))
    findings.artifact({ name: 'a.png', mediaType: 'image/png', bytes: 1, path: '/tmp/a.png' })
    findings.evidence(() => EXCHANGE)
    findings.exchange({ method: 'GET', url: 'http://a/', startMs: 0, ms: 1, phases: [] })
  }
  findings.secret('A_NAME_THAT_IS_LONGER_THAN_THE_SECRET', 's3cr')
}

describe('a run of addresses', () => {
  const expectations = Array.from({ length: 150 }, (_, i) => ({
    level: 'must' as const,
    subject: 'header',
    key: `x-${i}`,
    matcher: { absent: true },
  }))

  test('that write down all they may keeps to the limits of one run', async () => {
    const measured = ADDRESSES.map((address) =>
      part(address, (findings) => {
        writeAll(findings)
        if (address === '::1') findings.subjectPart('header', 'x-149', 'here')
      }),
    )
    const { artifacts, ...outcome } = await conclusion(measured, expectations)
    const path = artifacts.find(({ name }) => name === 'exchange.json')?.path ?? ''
    onTestFinished(() => rm(path, { force: true }))
    expect(Run.safeParse(aRun({ ...outcome, artifacts })).error).toBeUndefined()
    expect(outcome.verdict).toBe('failed')
    expect(outcome.assertions).toHaveLength(200)
    expect(outcome.assertions.filter(({ held }) => !held)).toHaveLength(1)
    expect(outcome.facts.addresses).toEqual(ADDRESSES)
    // None takes the room of another.
    expect(new Set(outcome.log.map((line) => line.split(': ')[0]))).toEqual(new Set(ADDRESSES))
    expect(new Set(outcome.exchanges?.map((one) => one.part))).toEqual(new Set(ADDRESSES))
    const { exchanges } = ExchangeFile.parse(JSON.parse(await readFile(path, 'utf8')))
    expect(exchanges.at(-1)?.part).toBe('::1')
  })

  test('keeps the exchange of the address that is not as it must be', async () => {
    const measured = ADDRESSES.map((address) =>
      part(address, (findings) => {
        findings.evidence(() => EXCHANGE)
        findings.subject('status', address === '192.0.2.1' ? 500 : 200)
      }),
    )
    const run = await conclusion(measured, resolveExpectations('must', { status: 200 }))
    const path = run.artifacts[0]?.path ?? ''
    onTestFinished(() => rm(path, { force: true }))
    const { exchanges } = ExchangeFile.parse(JSON.parse(await readFile(path, 'utf8')))
    expect(exchanges.map((one) => one.part)).toContain('192.0.2.1')
  })

  test('that passes makes no exchange in full', async () => {
    let made = 0
    const count = () => {
      made++
      return EXCHANGE
    }
    const measured = ADDRESSES.map((address) => part(address, (one) => one.evidence(count)))
    expect((await conclusion(measured)).verdict).toBe('passed')
    expect(made).toBe(0)
  })

  test('masks what each captured by the same name', async () => {
    const measured = ADDRESSES.map((address) =>
      part(address, (findings) => {
        findings.secret('captured token', `tok-of-${address}`)
        findings.log(`got tok-of-${address}`)
      }),
    )
    const run = await conclusion(measured)
    expect(run.log).toEqual(ADDRESSES.map((address) => `${address}: got [secret captured token]`))
  })
})
