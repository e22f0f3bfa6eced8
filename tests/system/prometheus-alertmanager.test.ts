import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { preferPort } from '../../src/demo/prefer-port.ts'
import { getIncident, listIncidents } from '../../src/protocol/public-api.ts'
import { SignalSource } from '../../src/protocol/signal.ts'
import { systemClock } from '../../src/runtime/system-clock.ts'
import { aFleet, startCoordinator } from '../support/coordinator.ts'
import { listenOnLoopback } from '../support/listen.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { SELDOM_MS, until } from '../support/until.ts'

/** From Debian's packages of the same names. */
const PROGRAMS = ['/usr/bin/prometheus', '/usr/bin/prometheus-alertmanager']
const missing = PROGRAMS.filter((program) => !existsSync(program))
if (missing.length > 0)
  console.warn(
    `SKIPPED: no real Alertmanager sends to a coordinator, because there is no ${missing.join(', no ')}. Install the Debian packages prometheus and prometheus-alertmanager.`,
  )

/** Two programs start, scrape, evaluate and group, each by the second, on a busy machine. */
const WITHIN = { withinMs: 15_000, everyMs: SELDOM_MS }
const TOKEN = 'what-alertmanager-knows'

/** Starts a program, waits until it is ready, and ends it with the test. */
async function startProgram(program: string, options: string[], port: number): Promise<void> {
  const child: ChildProcess = spawn(program, options, { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-10_000)
  })
  const exited = once(child, 'exit')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exited
  })
  await until(
    `${program} is ready`,
    async () => {
      if (child.exitCode !== null) throw new Error(said)
      return (await fetch(`http://127.0.0.1:${port}/-/ready`)).ok
    },
    WITHIN,
  )
}

/** A target whose share of errors the test says. */
async function startTarget() {
  const target = { address: '', errorRatio: 0 }
  const server = createServer((_request, response) =>
    response
      .writeHead(200, { 'content-type': 'text/plain; version=0.0.4' })
      .end(`# TYPE shop_error_ratio gauge\nshop_error_ratio ${target.errorRatio}\n`),
  )
  target.address = (await listenOnLoopback(server)).replace('http://', '')
  return target
}

test.skipIf(missing.length > 0)(
  'a rule of Prometheus fires, an incident opens; it resolves, and the timeline says so',
  async () => {
    const target = await startTarget()
    const coordinator = await startCoordinator({
      database: 'sqlite',
      clock: systemClock,
      secrets: { ALERTMANAGER_TOKEN: TOKEN },
      fleet: aFleet({
        checks: [],
        silentAfterMs: 86_400_000,
        signalSources: [
          SignalSource.parse({
            ...{ id: 'prometheus-main', kind: 'alertmanager', name: 'Alertmanager' },
            secret: 'ALERTMANAGER_TOKEN',
            service: { from: 'service', otherwise: 'storefront' },
            severity: { from: 'severity', map: { page: 'SEV-1' } },
          }),
        ],
      }),
    })

    const folder = await tempFolder()
    const file = async (name: string, content: object | string) => {
      const path = join(folder, name)
      // JSON is YAML.
      await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
      return path
    }
    const alertmanagerPort = await preferPort(0)
    await startProgram(
      '/usr/bin/prometheus-alertmanager',
      [
        `--config.file=${await file('alertmanager.yml', {
          route: {
            ...{ receiver: 'firewatch', group_by: ['alertname'] },
            ...{ group_wait: '0s', group_interval: '1s', repeat_interval: '1h' },
          },
          receivers: [
            {
              name: 'firewatch',
              webhook_configs: [
                {
                  url: `${coordinator.address}/api/v1/signals/prometheus-main`,
                  http_config: {
                    authorization: { credentials_file: await file('token', TOKEN) },
                  },
                },
              ],
            },
          ],
        })}`,
        `--storage.path=${join(folder, 'alertmanager')}`,
        `--web.listen-address=127.0.0.1:${alertmanagerPort}`,
        '--cluster.listen-address=',
      ],
      alertmanagerPort,
    )
    const prometheusPort = await preferPort(0)
    await startProgram(
      '/usr/bin/prometheus',
      [
        `--config.file=${await file('prometheus.yml', {
          global: { scrape_interval: '1s', evaluation_interval: '1s' },
          rule_files: [
            await file('rules.yml', {
              groups: [
                {
                  name: 'shop',
                  rules: [
                    {
                      ...{ alert: 'HighErrorRate', expr: 'shop_error_ratio > 0.05', for: '1s' },
                      labels: { severity: 'page', service: 'storefront' },
                      annotations: {
                        summary: 'too many orders fail',
                        description: '{{ $value | humanizePercentage }} of them',
                      },
                    },
                  ],
                },
              ],
            }),
          ],
          alerting: {
            alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${alertmanagerPort}`] }] }],
          },
          scrape_configs: [{ job_name: 'shop', static_configs: [{ targets: [target.address] }] }],
        })}`,
        `--storage.tsdb.path=${join(folder, 'prometheus')}`,
        `--web.listen-address=127.0.0.1:${prometheusPort}`,
      ],
      prometheusPort,
    )

    const broken = systemClock.now()
    target.errorRatio = 0.37
    const [opened] = await until(
      'an incident is open',
      async () => {
        const { data } = await coordinator.get(listIncidents)
        return data.length > 0 && data
      },
      WITHIN,
    )
    expect(opened).toMatchObject({
      severity: 'SEV-1',
      serviceId: 'storefront',
      headline: 'Alertmanager: too many orders fail',
    })
    // It began when Prometheus saw it, not when we heard of it.
    expect(opened?.impactStartedAt).toBeGreaterThan(broken - 1_000)
    expect(opened?.impactStartedAt).toBeLessThan(opened?.openedAt ?? 0)

    target.errorRatio = 0
    const { incident, events } = await until(
      'it is over',
      async () => {
        const answer = await coordinator.get(getIncident, { incidentId: 'INC-1' })
        return answer.incident.state === 'verifying' && answer
      },
      WITHIN,
    )
    expect(incident.findings).toMatchObject([
      {
        layer: 'metrics',
        reason: '37% of them',
        source: { link: expect.stringContaining('http') },
      },
    ])
    expect(events.map(({ type }) => type)).toEqual([
      'opened',
      'finding_joined',
      'finding_cleared',
      'recovered',
    ])
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'finding_cleared',
        reason: 'Alertmanager says that it is over',
      }),
    )
  },
  60_000,
)
