import { describe, expect, test } from 'vitest'
import { systemClock } from '../../../src/runtime/system-clock.ts'
import { aCheck } from '../../support/builders.ts'
import { aRegion } from '../../support/execute.ts'
import { freePort, httpTarget, rawTarget } from '../../support/http-target.ts'

const isOk = [{ level: 'must' as const, subject: 'status', matcher: { equals: 200 } }]
const once = (on: 'network' | 'any') => ({ on, times: 1 })

/** Cuts off the first connections, and answers the others. */
async function cuttingOff(connections: number) {
  let seen = 0
  return rawTarget((socket) => {
    if (seen++ < connections) return void socket.once('data', () => socket.resetAndDestroy())
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'))
  })
}

describe('a check with retry', () => {
  test('whose first attempt is cut off passes with its second, which is what the run tells', async () => {
    const target = await cuttingOff(1)
    const check = aCheck('http', { url: target.url, retry: once('network'), expectations: isOk })
    const { run } = await aRegion().execute(check)
    expect(run).toMatchObject({ verdict: 'passed', attempt: 2, facts: { attempts: 2 } })
    expect(run.error).toBeUndefined()
    expect(run.diagnosis).toBeUndefined()
    const [earlier, ...others] = run.earlierAttempts ?? []
    expect(others).toEqual([])
    expect(earlier).toMatchObject({ verdict: 'failed', error: { type: 'connect.reset' } })
    expect(earlier?.startMs).toBeLessThan(1)
    expect(earlier?.phases.map(({ name }) => name)).toContain('connect')
    expect(run.log[0]).toMatch(/^attempt 1 failed after .* repeated at once, because connect.reset/)
    // A fresh connection for each.
    expect(target.connections).toBe(2)
  })

  test('is repeated as often as it says, and no more', async () => {
    const target = await cuttingOff(99)
    const check = aCheck('http', { url: target.url, retry: { on: 'network', times: 3 } })
    const { run } = await aRegion().execute(check)
    expect(run).toMatchObject({ verdict: 'failed', attempt: 4, error: { type: 'connect.reset' } })
    expect(run.earlierAttempts).toHaveLength(3)
  })

  test('on network errors leaves a wrong answer alone, and on any failure repeats it', async () => {
    const target = await httpTarget((_, response) => response.writeHead(404).end())
    const check = aCheck('http', { url: target.url, expectations: isOk })
    const { run } = await aRegion().execute({ ...check, retry: once('network') })
    expect(run).toMatchObject({ verdict: 'failed', attempt: 1 })
    expect(run.earlierAttempts).toBeUndefined()
    const repeated = await aRegion().execute({ ...check, retry: once('any') })
    expect(repeated.run).toMatchObject({ verdict: 'failed', attempt: 2 })
  })

  test.each([
    { why: 'comes before another attempt would have to end', inMs: 4_999, attempts: 1 },
    { why: 'comes after that', inMs: 60_000, attempts: 2 },
  ])('when its next slot $why: $attempts', async ({ inMs, attempts }) => {
    const port = await freePort()
    const url = `http://127.0.0.1:${port}/`
    const check = aCheck('http', { url, retry: once('network'), timeoutMs: 5_000 })
    const { run } = await aRegion().execute(check, { nextSlotAt: systemClock.now() + inMs })
    expect(run.attempt).toBe(attempts)
    const line = expect.stringMatching(/was not repeated: another one may take 5 s/)
    if (attempts === 1) expect(run.log).toContainEqual(line)
    else expect(run.log).not.toContainEqual(line)
  })

  test('a check without retry is run once, whatever comes', async () => {
    const { run } = await aRegion().execute(
      aCheck('http', { url: `http://127.0.0.1:${await freePort()}/` }),
    )
    expect(run).toMatchObject({ verdict: 'failed', attempt: 1 })
  })
})

test('the place of a check is free before anybody asks why it failed', async () => {
  const target = await httpTarget((_, response) => response.writeHead(502).end())
  let connectionsWhenFree = 0
  const { run } = await aRegion().execute(aCheck('http', { url: target.url, expectations: isOk }), {
    onMeasured: () => {
      connectionsWhenFree = target.connections
    },
  })
  expect(run.diagnosis?.layers.map(({ layer }) => layer)).toContain('http')
  expect(connectionsWhenFree).toBe(1)
  expect(target.connections).toBeGreaterThan(1)
})
