import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { connectTo } from '../../../../src/probe/connect-to.ts'
import { publicAddresses } from '../../../../src/probe/network/address-policy.ts'
import { resolveExpectations } from '../../../../src/protocol/expectation.ts'
import { aCheck } from '../../../support/builders.ts'
import { phaseMs, runOnce } from '../../../support/check-context.ts'
import { pingProblem } from '../../../support/ping-permission.ts'
import { listProcesses } from '../../../support/processes.ts'
import { tempFolder } from '../../../support/temp-folder.ts'
import { until } from '../../../support/until.ts'

const problem = pingProblem()
const problemOf6 = pingProblem('::1')
for (const why of new Set([problem, problemOf6]))
  if (why !== undefined) process.stderr.write(`\nSKIPPED, tests of icmp checks: ${why}\n`)

const expecting = (written: Record<string, unknown>) => ({
  expectations: resolveExpectations('must', written),
})

describe.skipIf(problem !== undefined)('echoes of this machine', () => {
  test('are counted and timed', async () => {
    const run = await runOnce(
      aCheck('icmp', {
        host: '127.0.0.1',
        ...expecting({
          received: 3,
          loss: 0,
          rttMin: { max: '1s' },
          rttAvg: { max: '1s' },
          rttMax: { max: '1s' },
          rttStddev: { max: '1s' },
          dns: { max: '1s' },
          total: { max: '4s' },
        }),
      }),
    )
    expect(run.error).toBeUndefined()
    expect(run.verdict).toBe('passed')
    expect(run.facts).toEqual({ address: '127.0.0.1', sent: 3, received: 3, loss: 0 })
    expect(run.phases.map(({ name }) => name)).toEqual(['dns', 'rtt'])
    expect(phaseMs(run, 'rtt')).toBeGreaterThan(0)
    expect(phaseMs(run, 'rtt')).toBeLessThan(1_000)
  })

  test.each([
    ['received', { received: { min: 4 } }, 'received: expected at least 4, got 2'],
    ['loss', { loss: { min: 1 } }, 'loss: expected at least 1, got 0'],
    ['rttAvg', { rttAvg: { max: '0ms' } }, /^rttAvg: expected at most 0 ms, got [\d.]+ ms$/],
    ['rttMin', { rttMin: { min: '1s' } }, /^rttMin: expected at least 1000 ms, got /],
    ['rttMax', { rttMax: { min: '1s' } }, /^rttMax: /],
    ['rttStddev', { rttStddev: { min: '1s' } }, /^rttStddev: /],
    ['total', { total: { max: '100ms' } }, /^total: expected at most 100 ms, got /],
  ])('fail by %s', async (_subject, written, message) => {
    const run = await runOnce(aCheck('icmp', { count: 2, ...expecting(written) }))
    expect(run.error).toEqual({
      type: 'assertion',
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    })
  })

  test('carry as much data as the check says; too little for a time is still an answer', async () => {
    const large = await runOnce(aCheck('icmp', { size: 1_400, ...expecting({ received: 3 }) }))
    expect(large.verdict).toBe('passed')
    const small = await runOnce(aCheck('icmp', { size: 0, ...expecting({ received: 3 }) }))
    expect(small.verdict).toBe('passed')
    expect(phaseMs(small, 'rtt')).toBeUndefined()
  })

  test('are asked where a connect-to rule says, whatever its port', async () => {
    const rule = { from: { host: 'shop.test', port: 443 }, to: { host: '127.0.0.2', port: 80 } }
    const run = await runOnce(
      aCheck('icmp', { host: 'shop.test', ...expecting({ received: 3 }) }),
      {
        connectTo: connectTo([rule]),
      },
    )
    expect(run.error).toBeUndefined()
    expect(run.facts.address).toBe('127.0.0.2')
  })

  test.each(['both', 'every'] as const)('%s: each address is a part', async (addresses) => {
    const run = await runOnce(aCheck('icmp', { addresses, ...expecting({ received: 4 }) }))
    expect(run.steps).toMatchObject([{ name: '127.0.0.1' }])
    expect(run.error?.message).toBe('127.0.0.1: received: expected 4, got 3')
  })

  test('that do not end in time are interrupted, and what came counts', async () => {
    const startedAt = performance.now()
    const run = await runOnce(
      aCheck('icmp', { count: 20, timeoutMs: 800, ...expecting({ loss: 0 }) }),
    )
    expect(performance.now() - startedAt).toBeLessThan(1_000)
    expect(run.error).toBeUndefined()
    expect(run.facts.sent).toBeGreaterThanOrEqual(1)
    expect(run.facts.sent).toBeLessThan(20)
  })
})

describe.skipIf(problemOf6 !== undefined)('echoes by IPv6', () => {
  test('are counted', async () => {
    const check = { host: '::1', addresses: 'ipv6' as const, ...expecting({ received: 3 }) }
    expect((await runOnce(aCheck('icmp', check))).error).toBeUndefined()
  })
})

describe('an address', () => {
  test('that the region may not connect to is not asked', async () => {
    const parts = { policy: publicAddresses }
    const run = await runOnce(aCheck('icmp'), parts)
    expect(run.error?.type).toBe('connect.forbidden')
    const every = await runOnce(aCheck('icmp', { addresses: 'every' }), parts)
    expect(every.error?.type).toBe('connect.forbidden')
  })

  test('of a family that the host does not have is none', async () => {
    const run = await runOnce(aCheck('icmp', { addresses: 'ipv6' }))
    expect(run.error).toEqual({ type: 'dns.no_answer', message: '127.0.0.1 has no IPv6 address' })
  })
})

/** Lets a program stand in for `ping` until the test is over; nothing when it is undefined. */
async function standIn(script: string | undefined): Promise<void> {
  const folder = await tempFolder()
  const { PATH = '' } = process.env
  onTestFinished(() => void Object.assign(process.env, { PATH }))
  Object.assign(process.env, { PATH: script === undefined ? folder : `${folder}:${PATH}` })
  if (script !== undefined)
    await writeFile(join(folder, 'ping'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
}

const summary = (counts: string) => `
echo "--- 127.0.0.1 ping statistics ---"
echo "${counts}, time 403ms"`

describe('no answer', () => {
  test('is told with what others said', async () => {
    await standIn(`
echo "From 10.0.0.1 icmp_seq=1 Destination Host Unreachable"
${summary('3 packets transmitted, 0 received, +1 errors, 100% packet loss')}
exit 1`)
    const run = await runOnce(aCheck('icmp', expecting({ received: { min: 1 } })))
    expect(run.error).toEqual({
      type: 'icmp.no_answer',
      message:
        'no answer from 127.0.0.1 to 3 echo requests within 5 s; From 10.0.0.1: Destination Host Unreachable',
    })
    const timed = await runOnce(aCheck('icmp', expecting({ rttAvg: { max: '1s' } })))
    expect(timed.error?.type).toBe('icmp.no_answer')
    const wanted = await runOnce(aCheck('icmp', expecting({ loss: 100 })))
    expect(wanted.verdict).toBe('passed')
  })

  test('to some of the requests is a loss, and an answer that comes twice no gain', async () => {
    const answer = '64 bytes from 127.0.0.1: icmp_seq=2 ttl=64 time=10 ms'
    await standIn(`
echo "${answer}"
echo "${answer} (DUP!)"
${summary('4 packets transmitted, 1 received, +1 duplicates, 75% packet loss')}`)
    const run = await runOnce(aCheck('icmp', expecting({ loss: { max: 50 } })))
    expect(run.error).toEqual({
      type: 'assertion',
      message: 'loss: expected at most 50, got 75',
    })
    expect(phaseMs(run, 'rtt')).toBe(10)
  })
})

describe('a probe', () => {
  test('without ping says what to install', async () => {
    await standIn(undefined)
    expect(await runOnce(aCheck('icmp'))).toMatchObject({
      verdict: 'probe_fault',
      error: {
        type: 'probe.tool_missing',
        message: expect.stringContaining('apt-get install iputils-ping'),
      },
    })
  })

  test.each([
    ['ping: socktype: SOCK_RAW, ping: socket: Operation not permitted', /ping_group_range/],
    ["ping: invalid option -- 'W'", /not the one of iputils/],
    ['ping: connect: Network is unreachable', /no network that leads to 127\.0\.0\.1/],
  ])('whose ping says %j is at fault itself', async (stderr, words) => {
    await standIn(`echo "${stderr}" >&2; exit 2`)
    const run = await runOnce(aCheck('icmp', expecting({ received: 3 })))
    expect(run.verdict).toBe('probe_fault')
    expect(run.error?.message).toMatch(words)
  })

  test('tells ping what the check says, in plain English', async () => {
    const folder = await tempFolder()
    await standIn(`echo "$@" >${folder}/said; echo "$LC_ALL" >>${folder}/said`)
    await runOnce(aCheck('icmp', { host: '::1', count: 5, size: 100, addresses: 'ipv6' }))
    expect(await readFile(join(folder, 'said'), 'utf8')).toMatch(
      /^-6 -n -c 5 -s 100 -i 0\.200 -W 3\.\d{3} -- ::1\nC\n$/,
    )
  })

  test('ends a ping that prints for ever', async () => {
    await standIn('while :; do echo 0123456789abcdef0123456789abcdef; done')
    const run = await runOnce(aCheck('icmp', expecting({ received: { min: 1 } })))
    expect(run.error?.type).toBe('icmp.no_answer')
  })

  test('kills a ping that hangs at the deadline, with what it has started', async () => {
    const folder = await tempFolder()
    await standIn(`trap '' INT; sleep 60 & echo $! >${folder}/child; wait; wait`)
    const startedAt = performance.now()
    const check = aCheck('icmp', { timeoutMs: 1_000, ...expecting({ received: { min: 1 } }) })
    const run = await runOnce(check)
    expect(performance.now() - startedAt).toBeLessThan(1_250)
    expect(run.error?.type).toBe('icmp.no_answer')
    const pid = Number(await readFile(join(folder, 'child'), 'utf8'))
    expect(pid).toBeGreaterThan(0)
    await until('the child is gone', () => !listProcesses().some((entry) => entry.pid === pid))
  })

  /** Ping answers while our event loop stands still, until so long after the check began to ask. */
  async function standStill(ms: number) {
    const folder = await tempFolder()
    await standIn(`trap '' INT; touch ${folder}/started; sleep 0.3
echo "64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=10 ms"; sleep 60`)
    const check = aCheck('icmp', { timeoutMs: 1_000, ...expecting({ received: { min: 1 } }) })
    const running = runOnce(check)
    await until('ping runs', () => existsSync(join(folder, 'started')))
    // What comes next in the event loop are the timers, before anything that there is to read.
    await setImmediate()
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
    return running
  }

  test('reads what ping has said when it comes back after the deadline', async () => {
    const run = await standStill(1_200)
    expect(run.error).toBeUndefined()
    expect(run.facts).toMatchObject({ sent: 3, received: 1 })
  })

  test('says so when it was away for long', async () => {
    const run = await standStill(2_500)
    expect(run).toMatchObject({ verdict: 'probe_fault', error: { type: 'probe.overload' } })
  })
})
