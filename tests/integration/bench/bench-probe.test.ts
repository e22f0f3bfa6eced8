import { createServer } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { httpCheck } from '../../bench/checks/bench-checks.ts'
import { startBenchProbe } from '../../bench/checks/bench-probe.ts'
import { listenOnLoopback } from '../../support/listen.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { until } from '../../support/until.ts'

test('the bench’s own end of the probe interface takes all that a probe asks and says', async () => {
  const server = createServer((_, response) => void response.end('Featured lamps'))
  const address = await listenOnLoopback(server)
  const probe = await startBenchProbe(await tempFolder())
  onTestFinished(() => probe.stop())
  probe.assign([
    {
      ...httpCheck(`${address}/`),
      regions: ['here'],
      schedule: { kind: 'interval', everyMs: 1_000 },
      timeoutMs: 900,
    },
  ])
  let passed = 0
  const report = await until(
    'runs and a heartbeat have come',
    async () => {
      const latest = await probe.report()
      passed += latest.verdicts.passed ?? 0
      return passed > 0 && latest
    },
    { withinMs: 20_000, everyMs: 200 },
  )
  expect(report.shed).toBe(0)
})
