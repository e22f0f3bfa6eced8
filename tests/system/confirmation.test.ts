import { createServer } from 'node:http'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  getCheck,
  getIncident,
  listIncidents,
  listRegions,
  runCheck,
} from '../../src/protocol/public-api.ts'
import { systemClock } from '../../src/runtime/system-clock.ts'
import { aCheck } from '../support/builders.ts'
import { startFirewatch } from '../support/command.ts'
import {
  aFleet,
  PROBE_TOKEN,
  startCoordinator,
  type TestCoordinator,
} from '../support/coordinator.ts'
import { listenOnLoopback } from '../support/listen.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { until } from '../support/until.ts'
import { startWebhookReceiver } from '../support/webhook-receiver.ts'

const REGIONS = ['eu-west', 'us-east', 'ap-south']
const SECRET = `whsec_${Buffer.from('a secret for tests only, 32 byte').toString('base64')}`
const HOST = 'shop.test'
/** Of the checks that fail everywhere or once: far longer than a confirmation takes. */
const SELDOM_MS = 30_000
/** Of the check that fails in one region, which must fail twice there by itself. */
const OFTEN_MS = 6_000
const STORY_MS = 120_000

const CHECKS = ['down', 'blip', 'cut'].map((id) =>
  aCheck('http', {
    id,
    name: id,
    serviceId: id,
    url: `http://${HOST}/${id}`,
    regions: REGIONS,
    schedule: { kind: 'interval', everyMs: id === 'cut' ? OFTEN_MS : SELDOM_MS },
    expectations: [{ level: 'must', subject: 'status', matcher: { equals: 200 } }],
    alert: { failuresToFire: 2, regionsMin: 2, passesToResolve: 2 },
  } as never),
)

test(
  'processes on a real channel: an outage is an incident within two seconds of its first failing run, one region alone is regional, and a single error is told to nobody',
  async () => {
    const shop = await startShop()
    const receiver = await startWebhookReceiver()
    const fleet = aFleet({
      checks: CHECKS,
      // Processes of a busy machine start late, which is not what is tested.
      silentAfterMs: 600_000,
      services: CHECKS.map(({ id }) => ({ id, name: id, tier: 'core', owner: undefined })),
      channels: [{ id: 'hook', kind: 'webhook', url: receiver.url, secret: 'HOOK_SECRET' }],
    })
    const coordinator = await startCoordinator({
      database: 'sqlite',
      clock: systemClock,
      fleet,
      secrets: { HOOK_SECRET: SECRET },
    })
    for (const region of REGIONS) await startProbe(coordinator, region, shop.portOf(region))
    await until(
      'every probe listens and knows its checks',
      async () => {
        const { data } = await coordinator.get(listRegions)
        return data.every(
          ({ takesCommands, probes }) =>
            takesCommands && probes.some(({ heartbeat }) => heartbeat.assignmentHash !== undefined),
        )
      },
      { withinMs: 30_000 },
    )
    // By hand, so that each region has a word before anything fails.
    for (const { id } of CHECKS) {
      const { answer } = await coordinator.post(runCheck, { checkId: id }, { by: 'Ada' })
      expect(answer).toMatchObject({ asked: REGIONS, unreachable: [] })
      await until(
        `${id} passes everywhere`,
        async () => (await alertOf(coordinator, id)).healthy.length === REGIONS.length,
        { withinMs: 10_000 },
      )
    }
    shop.break()

    const incident = await incidentOf(coordinator, 'down')
    expect(incident).toMatchObject({ scope: 'global' })
    expect(incident.findings[0]?.confirmation?.verdict).toBe('confirmed_global')
    const openedAfterMs = incident.openedAt - (shop.firstFailureAt.get('/down') ?? 0)
    expect(openedAfterMs).toBeLessThan(2_000)

    const regional = await incidentOf(coordinator, 'cut')
    expect(regional).toMatchObject({ scope: 'regional' })
    expect(regional.findings[0]).toMatchObject({
      regions: ['eu-west'],
      confirmation: {
        verdict: 'confirmed_regional',
        reason: expect.stringContaining('us-east and ap-south pass'),
      },
    })

    const noise = await until(
      'the single error was looked at by all others',
      async () => {
        const { confirmation } = await alertOf(coordinator, 'blip')
        return confirmation?.verdict !== undefined && confirmation
      },
      { withinMs: SELDOM_MS, everyMs: 200 },
    )
    expect(noise).toMatchObject({ verdict: 'not_confirmed' })
    expect(noise.answers.map(({ verdict }) => verdict)).toEqual(['passed', 'passed'])
    await until('both incidents are told', () => receiver.received.length >= 2)
    const told = receiver.received.map(({ body }) => JSON.parse(body).data)
    expect(new Set(told.map(({ service }) => service))).toEqual(new Set(['down', 'cut']))
    const first = told.find(({ service }) => service === 'down')
    expect(first.headline).toContain('(confirmed global)')
    expect(first.confirmation).toMatch(/^confirmed global: asked at once, .* as well after \d+ ms/)
    console.info(`the incident was open ${openedAfterMs} ms after the first failing request`)
  },
  STORY_MS,
)

const alertOf = async (coordinator: TestCoordinator, checkId: string) =>
  (await coordinator.get(getCheck, { checkId })).overview.alert

async function incidentOf(coordinator: TestCoordinator, service: string) {
  const { id } = await until(
    `${service} is an incident`,
    async () => {
      const { data } = await coordinator.get(listIncidents, {}, { state: 'open' })
      return data.find(({ serviceId }) => serviceId === service)
    },
    { withinMs: SELDOM_MS, everyMs: 100 },
  )
  return (await coordinator.get(getIncident, { incidentId: id })).incident
}

/** A shop with a way in for each region, all well until it breaks. */
async function startShop() {
  const ports = new Map<string, string>()
  const firstFailureAt = new Map<string, number>()
  let isBroken = false
  const isFailing = (region: string, path: string) => {
    if (!isBroken) return false
    if (path === '/down') return true
    if (path === '/cut') return region === 'eu-west'
    // Not there as well: a region in which every check fails is itself the finding.
    return region !== 'eu-west' && !firstFailureAt.has(path)
  }
  for (const region of REGIONS) {
    const server = createServer(({ url = '' }, response) => {
      const fails = isFailing(region, url)
      if (fails && !firstFailureAt.has(url)) firstFailureAt.set(url, Date.now())
      response.writeHead(fails ? 503 : 200).end('a page')
    })
    ports.set(region, new URL(await listenOnLoopback(server)).port)
  }
  return {
    firstFailureAt,
    portOf: (region: string) => ports.get(region) ?? '',
    break: () => {
      isBroken = true
    },
  }
}

async function startProbe({ address }: TestCoordinator, region: string, port: string) {
  const folder = await tempFolder()
  startFirewatch(['probe'], {
    folder,
    environment: {
      FIREWATCH_COORDINATOR_URL: address,
      FIREWATCH_PROBE_TOKEN: PROBE_TOKEN,
      FIREWATCH_REGION: region,
      FIREWATCH_PROBE_ID: `${region}-1`,
      FIREWATCH_PROBE_DATA: join(folder, 'data'),
      FIREWATCH_CONNECT_TO: `${HOST}:80=127.0.0.1:${port}`,
      FIREWATCH_BROWSERS: '0',
      FIREWATCH_METRICS_PORT: 'off',
      FIREWATCH_LOG_LEVEL: 'error',
    },
  })
}
