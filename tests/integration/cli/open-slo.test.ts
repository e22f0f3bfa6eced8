import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { importOpenSlo } from '../../../src/definitions/import/open-slo.ts'
import { loadFleet } from '../../../src/definitions/load-fleet.ts'
import { runFirewatch } from '../../support/command.ts'
import { fleetFolder } from '../definitions/fleet-folder.ts'

const SERVICES = `services:
  - id: shop
    name: Shop
    tier: core
    objectives:
      - { name: availability, target: 99.95%, over: 30d }
      - { name: quick, target: 99%, over: 7d, checks: [buy], latency: 1500ms }
`

test('objectives that are exported and imported are the same', async () => {
  const folder = await fleetFolder({ 'config/services.yaml': SERVICES })
  const exported = await runFirewatch(['export', 'openslo', folder], { folder })
  expect(exported).toMatchObject({ code: 0, stderr: '' })
  expect(exported.stdout).toContain('apiVersion: openslo/v1')

  const file = join(folder, 'slos.yaml')
  await writeFile(file, exported.stdout)
  const imported = await runFirewatch(['import', 'openslo', file], { folder })
  expect(imported).toMatchObject({ code: 0, stderr: '' })
  const again = await fleetFolder({
    'config/services.yaml': imported.stdout.replace('tier: standard', 'tier: core'),
  })
  const [before, after] = await Promise.all([loadFleet(folder, {}), loadFleet(again, {})])
  if (!before.ok || !after.ok) throw new Error('both are valid')
  expect(after.fleet.objectives).toEqual(before.fleet.objectives)
  expect(after.fleet.services).toEqual(before.fleet.services)
})

/** As other tools write it. */
const FOREIGN = `apiVersion: openslo/v1
kind: Service
metadata: { name: Web Shop, displayName: Web shop }
spec: { description: x }
---
apiVersion: openslo/v1
kind: SLO
metadata:
  name: availability
  labels: { team: [shop] }
spec:
  service: Web Shop
  indicatorRef: availability-sli
  indicator:
    metadata: { name: sli }
    spec:
      ratioMetric:
        counter: true
        good: { metricSource: { type: Prometheus, spec: { query: a } } }
        total: { metricSource: { type: Prometheus, spec: { query: b } } }
  timeWindow: [{ duration: 4w, isRolling: true }]
  budgetingMethod: Timeslices
  objectives:
    - { displayName: Good, target: 0.999, timeSliceTarget: 0.9 }
    - { targetPercent: 95 }
  alertPolicies: [{ alertPolicyRef: x }]
---
apiVersion: openslo/v1
kind: SLO
metadata: { name: monthly }
spec:
  service: Web Shop
  timeWindow: [{ duration: 1M, calendar: { startTime: 2020-01-01, timeZone: UTC } }]
  objectives: [{ target: 1.5 }]
---
apiVersion: openslo/v1
kind: AlertPolicy
metadata: { name: x }
`

test('what has no equivalent is said, with its place', () => {
  const { files, leftOut } = importOpenSlo({ file: 'slos.yaml', text: FOREIGN })
  expect(files[0]?.content).toContain('name: Web shop')
  expect(files[0]?.content).toMatch(/name: availability\n\s+target: 99.9%\n\s+over: 28d/)
  expect(files[0]?.content).toMatch(/name: availability-2\n\s+target: 95%/)
  const places = leftOut.map(({ place, why }) => `${place}: ${why}`)
  for (const said of [
    'slos.yaml: document 2.spec.indicator: is not imported: the runs of the service’s checks are counted',
    'slos.yaml: document 2.spec.budgetingMethod: Timeslices: runs are counted here, as with Occurrences',
    'slos.yaml: document 2.spec.objectives[0].timeSliceTarget: has no equivalent',
    'slos.yaml: document 2.spec.alertPolicies: has no equivalent',
    'slos.yaml: document 2.spec.indicatorRef: has no equivalent',
    'slos.yaml: document 3.spec.timeWindow[0].duration: is no rolling window; 28d is taken of 7d, 28d, 30d',
    'slos.yaml: document 3.spec.objectives[0].target: is no share between 0 and 1',
    'slos.yaml: document 4.kind: AlertPolicy of openslo/v1 is not imported',
  ])
    expect(places).toContain(said)
})

test.each(['a: [', 'kind: Pod\n', ''])('%j is no SLO', (text) => {
  expect(() => importOpenSlo({ file: 'slos.yaml', text })).toThrow(/^slos\.yaml: /)
})
