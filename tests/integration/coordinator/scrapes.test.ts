import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { scrapeCounts, scrapeQuery } from '../../../src/coordinator/queries/prometheus-scrape.ts'
import { scrapeProblem } from '../../../src/domain/signal/judge-scrape.ts'
import { listIncidents, listQueries } from '../../../src/protocol/public-api.ts'
import type { Query } from '../../../src/protocol/query.ts'
import { at } from '../../support/builders.ts'
import { aFleet, startCoordinator } from '../../support/coordinator.ts'
import { json, startMessageService } from '../../support/message-services.ts'
import { movableClock } from '../../support/movable-clock.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { until } from '../../support/until.ts'

/** Of a number whose targets were not scraped nothing follows, and that is told. */

const noon = at('2026-03-13T12:00:00Z')
const MINUTE = 60_000
const SCRAPE = { up: 'up{job="orders"}', intervalMs: 15_000, overMs: 5 * MINUTE }

test('a gap in what is collected opens nothing, and is seen as what it is', async () => {
  const system = { missing: 0, orders: '0.4', isDown: false }
  const service = await startMessageService(({ body }) => {
    const form = new URLSearchParams(body)
    const asked = form.get('query') ?? ''
    const isScrape = asked.includes('count_over_time(up{job="orders"}[300s])')
    if (isScrape && system.isDown) return json(503, {})
    const counts = {
      ...{ targets: 8, missing: system.missing, attempts: 160, expected: 160, moments: 20 },
    }
    const result = isScrape
      ? Object.entries(counts)
          .filter(([, count]) => count > 0)
          .map(([firewatch, count]) => ({ metric: { firewatch }, value: [0, String(count)] }))
      : [{ metric: {}, value: [0, system.orders] }]
    return json(200, { status: 'success', data: { resultType: 'vector', result } })
  })
  const query: Query = {
    ...{ id: 'orders', name: 'Orders that fail', serviceId: 'storefront', kind: 'prometheus' },
    ...{ url: service.url, query: 'errors', everyMs: MINUTE, overMs: 5 * MINUTE, scrape: SCRAPE },
    alert: { above: 0.05, forMs: 0 },
  }
  const clock = movableClock(noon)
  system.missing = 3
  const coordinator = await startCoordinator({
    ...{ database: 'sqlite', clock },
    fleet: aFleet({ queries: [query], checks: [], silentAfterMs: 86_400_000 }),
  })
  const answered = (what: string, says: RegExp | number) =>
    until(what, async () => {
      const answer = (await coordinator.get(listQueries)).data[0]?.last?.answer
      if (answer?.kind === 'number') return answer.value === says && answer
      return answer && says instanceof RegExp && says.test(answer.reason) && answer
    })
  const found = await answered('targets are missing', /3 of 8 targets/)
  expect(found).toEqual({
    ...{ kind: 'unknown', isTelemetry: true },
    reason:
      'telemetry problem: 3 of 8 targets not scraped in the last 5 min; what was collected says 0.4',
  })
  // Both are asked about the same instant.
  const times = service.taken.map(({ body }) => new URLSearchParams(body).get('time'))
  expect(times).toEqual(['2026-03-13T12:00:00.000Z', '2026-03-13T12:00:00.000Z'])
  const metrics = await (await fetch(`${coordinator.address}/metrics`)).text()
  expect(metrics).toMatch(/synthetics_queries_readings_total\{[^}]*outcome="telemetry"[^}]*\} 1/)
  expect((await coordinator.get(listIncidents)).data).toEqual([])

  system.isDown = true
  clock.advance(MINUTE)
  expect(await answered('it is not known whether it is whole', /is not known/)).toEqual({
    kind: 'unknown',
    reason: 'whether its targets were scraped is not known: it answered 503: {}',
  })
  expect((await coordinator.get(listIncidents)).data).toEqual([])

  Object.assign(system, { isDown: false, missing: 0 })
  clock.advance(MINUTE)
  expect(await answered('it is whole, and bad', 0.4)).toMatchObject({ isBad: true })
  await until('that opens an incident', async () => (await coordinator.get(listIncidents)).data[0])
})

const PROMTOOL = '/usr/bin/promtool'

/** Series of `up` every 15 s for half an hour, as promtool writes them; looked at after 20 min. */
const SERIES = {
  'everything is scraped': { a: '1x120', b: '1x120' },
  'one target does not answer': { a: '1x120', b: '1x60 0x60' },
  'every target is replaced after 18 min': { a: '1x72 stale', b: '_x73 1x60' },
  'one becomes four after 19 min': { a: '1x120', b: '_x76 1x60', c: '_x76 1x60', d: '_x76 1x60' },
  'nothing is scraped for two minutes': { a: '1x68 _x8 1x60', b: '1x68 _x8 1x60' },
  'nothing is scraped for ten minutes, until two minutes ago': { a: '1x32 _x40 1x60' },
  'no target is known': { a: 'stale' },
}

test.skipIf(!existsSync(PROMTOOL))(
  'Prometheus itself gives the counts that are judged',
  async () => {
    const folder = await tempFolder()
    const problems: Record<string, string | undefined> = {}
    for (const [why, targets] of Object.entries(SERIES)) {
      const file = join(folder, 'test.yaml')
      const written = {
        evaluation_interval: '15s',
        tests: [
          {
            interval: '15s',
            input_series: Object.entries(targets).map(([instance, values]) => ({
              ...{ series: `up{job="orders", instance="${instance}"}`, values },
            })),
            // It is told what it gives by what it says of nothing being expected.
            promql_expr_test: [{ expr: scrapeQuery(SCRAPE), eval_time: '20m', exp_samples: [] }],
          },
        ],
      }
      await writeFile(file, stringify(written))
      const { stdout, stderr } = spawnSync(PROMTOOL, ['test', 'rules', file], {
        ...{ encoding: 'utf8', timeout: 20_000 },
      })
      const values = new Map(
        [...`${stdout}${stderr}`.matchAll(/\{firewatch="(\w+)"\} ([\d.E+]+)/g)].map(
          ([, name = '', value]) => [name, Number(value)] as const,
        ),
      )
      problems[why] = scrapeProblem(scrapeCounts(values, SCRAPE), SCRAPE.overMs)
    }
    expect(problems).toEqual({
      'everything is scraped': undefined,
      'one target does not answer':
        'telemetry problem: 1 of 2 targets not scraped in the last 5 min',
      'every target is replaced after 18 min': undefined,
      'one becomes four after 19 min': undefined,
      'nothing is scraped for two minutes': expect.stringMatching(/scrapes are lacking/),
      'nothing is scraped for ten minutes, until two minutes ago': expect.stringMatching(
        /nothing was scraped for 3 min/,
      ),
      'no target is known': 'telemetry problem: no target is scraped',
    })
  },
)
