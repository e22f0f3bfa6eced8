import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { CheckDefinition } from '../../../src/protocol/check.ts'
import { dueSlots } from '../../../src/protocol/schedule.ts'
import { aCheck } from '../../support/builders.ts'
import { startFirewatch } from '../../support/command.ts'
import {
  type CoordinatorTarget,
  PROBE_TOKEN,
  startCoordinatorTarget,
} from '../../support/coordinator-target.ts'
import { startOtlpReceiver } from '../../support/otlp-receiver.ts'
import { startPage, startProbe } from '../../support/probe.ts'
import { journalOf } from '../../support/spool.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { until } from '../../support/until.ts'

const EVERY_MS = 1_000

const aPageCheck = (url: string, overrides: Partial<CheckDefinition> = {}) =>
  aCheck('http', {
    url,
    regions: ['eu-west'],
    schedule: { kind: 'interval', everyMs: EVERY_MS },
    timeoutMs: 800,
    expectations: [{ level: 'must', subject: 'status', matcher: { equals: 200 } }],
    ...overrides,
  } as never)

const runsOf = (target: CoordinatorTarget, checkId = 'shop-home') =>
  [...target.runs.values()].filter((run) => run.checkId === checkId)

const untilRuns = (target: CoordinatorTarget, count: number, checkId?: string) =>
  until(
    `${count} runs have arrived`,
    () => {
      const runs = runsOf(target, checkId)
      return runs.length >= count && runs
    },
    { withinMs: 15_000 },
  )

describe('a probe', () => {
  test('fetches its assignment, runs each slot on the grid, and reports whole runs', async () => {
    const [target, page, folder] = [
      await startCoordinatorTarget(),
      await startPage(),
      await tempFolder(),
    ]
    const check = aPageCheck(page.url)
    target.assign([check])
    await startProbe(target.url, folder)
    const runs = await untilRuns(target, 3)
    const slots = runs.map(({ slotAt }) => slotAt).sort((a, b) => a - b)
    const [first = 0, last = 0] = [slots[0], slots.at(-1)]
    // Under load one may be noticed too late; none may lie beside the grid or come twice.
    const grid = new Set(dueSlots(check, 'eu-west', first - 1, last))
    expect(slots.filter((slot) => !grid.has(slot))).toEqual([])
    expect(new Set(slots).size).toBe(slots.length)
    for (const run of runs) {
      expect(run).toMatchObject({
        checkId: 'shop-home',
        regionId: 'eu-west',
        probeId: 'eu-west-1',
        verdict: 'passed',
        attempt: 1,
        definitionHash: check.hash,
        quality: { concurrentRuns: 0, clockOffsetMs: expect.any(Number) },
      })
      expect(run.startedAt).toBeGreaterThanOrEqual(run.slotAt)
      expect(run.phases.map(({ name }) => name)).toEqual(
        expect.arrayContaining(['connect', 'firstByte', 'download']),
      )
    }
  })

  test('says how it is with each heartbeat, and learns how far the clocks are apart', async () => {
    const [target, page, folder] = [
      await startCoordinatorTarget(),
      await startPage(),
      await tempFolder(),
    ]
    target.setClockAhead(60_000)
    target.assign([aPageCheck(page.url)])
    await startProbe(target.url, folder, { FIREWATCH_NETWORK_RUNS_MAX: '7' })
    expect(
      target.heartbeats[0] ?? (await until('a heartbeat', () => target.heartbeats[0])),
    ).toMatchObject({
      probeId: 'eu-west-1',
      regionId: 'eu-west',
      capacity: { network: 7, browsers: 0 },
      running: { network: 0, browsers: 0 },
      spool: { runs: 0, droppedRuns: 0, droppedArtifacts: 0, damagedRecords: 0 },
      shedSlots: 0,
      browser: expect.stringContaining('none'),
    })
    const [run] = await untilRuns(target, 1)
    expect(run?.quality?.clockOffsetMs).toBeGreaterThan(-62_000)
    expect(run?.quality?.clockOffsetMs).toBeLessThan(-58_000)
    const next = await until('another heartbeat', () => target.heartbeats[1], { withinMs: 10_000 })
    expect(next.assignmentHash).toMatch(/^[0-9a-f]{64}$/)
    expect(target.requests.filter(({ operation }) => operation === 'assignment')).toHaveLength(1)
  })

  test('leaves out checks that it does not understand, and runs the others', async () => {
    const [target, page, folder] = [
      await startCoordinatorTarget(),
      await startPage(),
      await tempFolder(),
    ]
    target.assign([
      { ...aPageCheck(page.url), id: 'newer', kind: 'grpc' },
      { id: 7 },
      aPageCheck(page.url, { id: 'elsewhere', regions: ['us-east'] }),
      aPageCheck(page.url, {
        id: 'bad-cron',
        schedule: { kind: 'cron', expression: 'nonsense', timeZone: 'UTC' },
      }),
      aPageCheck(page.url),
    ])
    await startProbe(target.url, folder)
    await untilRuns(target, 2)
    expect(new Set([...target.runs.values()].map(({ checkId }) => checkId))).toEqual(
      new Set(['shop-home']),
    )
  })

  test('takes over another assignment while it runs', async () => {
    const [target, page, folder] = [
      await startCoordinatorTarget(),
      await startPage(),
      await tempFolder(),
    ]
    target.assign([aPageCheck(page.url)])
    await startProbe(target.url, folder)
    await untilRuns(target, 1)
    target.assign([aPageCheck(page.url, { id: 'cart', hash: 'another' })])
    const [run] = await untilRuns(target, 1, 'cart')
    expect(run?.definitionHash).toBe('another')
  })

  test('sends the trace of a run along, and the run says which it was', async () => {
    const [target, page, folder] = [
      await startCoordinatorTarget(),
      await startPage(),
      await tempFolder(),
    ]
    target.assign([aPageCheck(page.url)])
    await startProbe(target.url, folder)
    const [run] = await untilRuns(target, 1)
    const traceparents = page.requests.map(({ headers }) => headers.traceparent)
    expect(traceparents[0]).toMatch(new RegExp(`^00-${run?.traceId}-[0-9a-f]{16}-0[01]$`))
  })
})

describe('a probe without its coordinator', () => {
  test('goes on measuring, and everything arrives when it is back', async () => {
    const [target, page, folder] = [
      await startCoordinatorTarget(),
      await startPage(),
      await tempFolder(),
    ]
    target.assign([aPageCheck(page.url)])
    await startProbe(target.url, folder)
    const before = (await untilRuns(target, 1)).length
    await target.goAway()
    const asked = page.requests.length
    await until('it goes on measuring', () => page.requests.length >= asked + 3, {
      withinMs: 10_000,
    })
    await target.comeBack()
    await untilRuns(target, before + 3)
    expect([...target.deliveries.values()].every((count) => count <= 2)).toBe(true)
  })

  test('that is started while it is away measures by its last assignment', async () => {
    const [target, page, folder] = [
      await startCoordinatorTarget(),
      await startPage(),
      await tempFolder(),
    ]
    target.assign([aPageCheck(page.url)])
    const first = await startProbe(target.url, folder)
    await untilRuns(target, 1)
    await first.stop()
    await target.goAway()

    const asked = page.requests.length
    const second = await startProbe(target.url, folder)
    expect((await fetch(`${second.probe.metricsAddress}/readyz`)).status).toBe(200)
    await until('it measures', () => page.requests.length >= asked + 2, { withinMs: 10_000 })
    const before = target.runs.size
    await target.comeBack()
    await until('its runs have arrived', () => target.runs.size >= before + 2, { withinMs: 20_000 })
  })

  test('and without an assignment is alive, but not ready', async () => {
    const [target, folder] = [await startCoordinatorTarget(), await tempFolder()]
    await target.goAway()
    const { probe } = await startProbe(target.url, folder)
    const status = async (path: string) => (await fetch(probe.metricsAddress + path)).status
    expect(await status('/healthz')).toBe(200)
    expect(await status('/readyz')).toBe(503)
    expect(await status('/elsewhere')).toBe(404)
    await target.comeBack()
    target.assign([])
    await until('it is ready', async () => (await status('/readyz')) === 200, { withinMs: 10_000 })
  })

  test.each([
    { why: 'half a file', text: '{"hash":"x","regionId":"eu-west","checks":[{' },
    { why: 'another region’s', text: '{"hash":"x","regionId":"us-east","checks":[]}' },
  ])('does not trip over an assignment on disk that is $why', async ({ text }) => {
    const [target, folder] = [await startCoordinatorTarget(), await tempFolder()]
    await target.goAway()
    await mkdir(join(folder, 'probe'))
    await writeFile(join(folder, 'probe', 'assignment.json'), text)
    const { probe } = await startProbe(target.url, folder)
    expect((await fetch(`${probe.metricsAddress}/readyz`)).status).toBe(503)
  })
})

describe('a probe that stops', () => {
  test('with a run under way records it as interrupted, and blames nobody', async () => {
    const [target, page, folder] = [
      await startCoordinatorTarget(),
      await startPage(),
      await tempFolder(),
    ]
    page.isHeld = true
    target.assign([aPageCheck(page.url, { timeoutMs: 20_000 })])
    const first = await startProbe(target.url, folder)
    await until('a run is under way', () => page.requests.length > 0)
    const startedAt = performance.now()
    await first.stop()
    expect(performance.now() - startedAt).toBeLessThan(5_000)

    page.isHeld = false
    await startProbe(target.url, folder)
    const interrupted = await until('the run has arrived', () =>
      runsOf(target).find(({ error }) => error?.type === 'probe.interrupted'),
    )
    expect(interrupted.verdict).toBe('probe_fault')
  })

  test('by kill -9 accounts at the next start for the run that it was in, and repeats no slot', async () => {
    const [target, page, folder] = [
      await startCoordinatorTarget(),
      await startPage(),
      await tempFolder(),
    ]
    page.isHeld = true
    target.assign([aPageCheck(page.url, { timeoutMs: 20_000 })])
    const environment = {
      FIREWATCH_COORDINATOR_URL: target.url,
      FIREWATCH_PROBE_TOKEN: PROBE_TOKEN,
      FIREWATCH_REGION: 'eu-west',
      FIREWATCH_PROBE_ID: 'eu-west-1',
      FIREWATCH_PROBE_DATA: join(folder, 'probe'),
      FIREWATCH_BROWSERS: '0',
      FIREWATCH_METRICS_PORT: 'off',
    }
    const killed = startFirewatch(['probe'], { folder, environment })
    await until('a run is under way', () => page.requests.length > 0, { withinMs: 15_000 })
    // The journal gathers for a moment: a run that began just before is only missed, not interrupted.
    await until('its begin is written', async () =>
      (await journalOf(join(folder, 'probe', 'spool'))).includes('begun {"runId":'),
    )
    killed.process.kill('SIGKILL')
    expect(await killed.exited).toBe('SIGKILL')

    page.isHeld = false
    const next = startFirewatch(['probe'], { folder, environment })
    const interrupted = await until(
      'the run has arrived',
      () => runsOf(target).find(({ error }) => error?.type === 'probe.interrupted'),
      { withinMs: 15_000 },
    )
    expect(interrupted).toMatchObject({ verdict: 'probe_fault', probeId: 'eu-west-1' })
    await until('it measures again', () =>
      runsOf(target).some(({ verdict }) => verdict === 'passed'),
    )
    const slots = runsOf(target).map(({ slotAt }) => slotAt)
    expect(new Set(slots).size).toBe(slots.length)

    next.process.kill('SIGTERM')
    expect(await next.exited).toBe(143)
  })
})

test('numbers are told as Prometheus text, under the names of the table', async () => {
  const [target, page, folder] = [
    await startCoordinatorTarget(),
    await startPage(),
    await tempFolder(),
  ]
  target.assign([
    aPageCheck(page.url),
    aCheck('journey', {
      id: 'walk',
      regions: ['eu-west'],
      schedule: { kind: 'interval', everyMs: EVERY_MS },
    }),
  ])
  const { metrics } = await startProbe(target.url, folder)
  await untilRuns(target, 2)
  await untilRuns(target, 1, 'walk')
  // On a busy machine runs are flagged, and their times are not told: one that was measured well comes.
  const untilMeasured = (what: string, told: RegExp) =>
    until(
      `${what} was measured well`,
      async () => [await metrics()].find((text) => told.test(text)),
      { withinMs: 20_000 },
    )
  await untilMeasured('a run that passed', /^synthetics_check_duration_count.*verdict="passed"/m)
  page.status = 502
  const text = await untilMeasured(
    'a run that failed',
    /^http_client_request_duration_count.*"502"/m,
  )
  for (const line of [
    /^synthetics_check_runs_total\{[^}]*check_id="shop-home"[^}]*verdict="passed"/m,
    /^synthetics_check_runs_total\{[^}]*verdict="failed"[^}]*error_type="assertion"/m,
    /^synthetics_check_runs_total\{[^}]*check_id="walk"[^}]*error_type="probe\.browser_missing"/m,
    /^synthetics_check_duration_bucket\{[^}]*check_kind="http"[^}]*region="eu-west"[^}]*verdict="passed"[^}]*le="0\.075"/m,
    /^synthetics_check_phase_duration_count\{[^}]*phase="firstByte"/m,
    /^synthetics_schedule_lag_count\{/m,
    /^synthetics_schedule_slots_shed_total\{[^}]*check_id="walk"/m,
    /^synthetics_check_last_run_timestamp\{[^}]*check_id="shop-home"[^}]*\} \d+/m,
    /^synthetics_spool_runs\{[^}]*\} \d+/m,
    /^synthetics_spool_bytes\{[^}]*\} \d+/m,
    /^http_client_request_duration_count\{[^}]*http_request_method="GET"[^}]*server_address="127\.0\.0\.1"[^}]*http_response_status_code="502"/m,
  ])
    expect(text).toMatch(line)
  // A run that the probe could not do has no time of the target.
  expect(text).not.toMatch(/synthetics_check_duration_count\{[^}]*check_id="walk"/)
})

test('each run is a trace with a span for each phase, sent by OTLP', async () => {
  const [target, page, folder] = [
    await startCoordinatorTarget(),
    await startPage(),
    await tempFolder(),
  ]
  const receiver = await startOtlpReceiver()
  const otel = {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_BSP_SCHEDULE_DELAY: '200',
  }
  // The SDK reads the standard variables from the process itself.
  const before = { ...process.env }
  Object.assign(process.env, otel)
  onTestFinished(() => {
    for (const name of Object.keys(otel)) delete process.env[name]
    Object.assign(process.env, before)
  })
  target.assign([aPageCheck(page.url)])
  const { stop } = await startProbe(target.url, folder, otel)
  const [run] = await untilRuns(target, 1)
  await stop()
  const spans = receiver.spans.filter(({ traceId }) => traceId === run?.traceId)
  const names = spans.map(({ name }) => name)
  expect(names).toEqual(
    expect.arrayContaining(['check shop-home', 'phase connect', 'phase firstByte']),
  )
  const root = spans.find(({ name }) => name === 'check shop-home')
  expect(root?.parentSpanId ?? '').toBe('')
  expect(page.requests[0]?.headers.traceparent).toMatch(/-01$/)
  expect([...receiver.metricNames]).toEqual(expect.arrayContaining(['synthetics.check.runs']))
})

test('a metrics port that is taken is no reason not to measure', async () => {
  const [target, folder] = [await startCoordinatorTarget(), await tempFolder()]
  const other = createServer()
  other.listen(0, '127.0.0.1')
  await once(other, 'listening')
  onTestFinished(async () => {
    other.close()
    await once(other, 'close')
  })
  const address = other.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const { probe } = await startProbe(target.url, folder, { FIREWATCH_METRICS_PORT: String(port) })
  expect(probe.metricsAddress).not.toContain(`:${port}`)
  expect((await fetch(`${probe.metricsAddress}/healthz`)).status).toBe(200)
})

test('settings that are missing or wrong are all named, and exit with 2', async () => {
  const folder = await tempFolder()
  const command = startFirewatch(['probe'], {
    folder,
    environment: {
      FIREWATCH_COORDINATOR_URL: 'ftp://somewhere',
      FIREWATCH_REGION: 'EU West',
      FIREWATCH_PROBE_TOKEN: undefined,
      FIREWATCH_BROWSERS: 'many',
    },
  })
  expect(await command.exited).toBe(2)
  for (const name of ['COORDINATOR_URL', 'REGION', 'BROWSERS'])
    expect(command.stderr()).toContain(`FIREWATCH_${name}`)
})

test('a disk that takes no more costs no run: it waits in memory', async () => {
  const [target, page, folder] = [
    await startCoordinatorTarget(),
    await startPage(),
    await tempFolder(),
  ]
  target.assign([aPageCheck(page.url)])
  await target.goAway()
  await mkdir(join(folder, 'probe'))
  await writeFile(
    join(folder, 'probe', 'assignment.json'),
    JSON.stringify({ hash: 'x', regionId: 'eu-west', checks: [aPageCheck(page.url)] }),
  )
  // No file may grow above one block; Node ignores the signal, so that writes fail.
  const child = spawn(
    'sh',
    ['-c', 'ulimit -f 1; exec "$0" "$@"', process.execPath, 'src/cli/main.ts', 'probe'],
    {
      cwd: join(import.meta.dirname, '../../..'),
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        ...process.env,
        FIREWATCH_COORDINATOR_URL: target.url,
        FIREWATCH_PROBE_TOKEN: PROBE_TOKEN,
        FIREWATCH_REGION: 'eu-west',
        FIREWATCH_PROBE_DATA: join(folder, 'probe'),
        FIREWATCH_BROWSERS: '0',
        FIREWATCH_METRICS_PORT: 'off',
      },
    },
  )
  const exited = once(child, 'exit')
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  await until('it cannot write', () => log.includes('spool.unusable'), { withinMs: 15_000 })
  const asked = page.requests.length
  await until('it goes on measuring', () => page.requests.length >= asked + 3, { withinMs: 10_000 })
  const measured = page.requests.length
  await target.comeBack()
  await until('all of it has arrived', () => target.runs.size >= measured, { withinMs: 20_000 })
  expect(log.match(/spool\.unusable/g)).toHaveLength(1)
  child.kill('SIGTERM')
  await exited
  expect(await readFile(join(folder, 'probe', 'assignment.json'), 'utf8')).toContain('shop-home')
})
