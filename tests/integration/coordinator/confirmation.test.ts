import { describe, expect, test } from 'vitest'
import type { RunNow } from '../../../src/protocol/probe-api.ts'
import {
  getCheck,
  getIncident,
  getNow,
  listIncidents,
  listRuns,
  runCheck,
  urlFor,
} from '../../../src/protocol/public-api.ts'
import type { Run, Verdict } from '../../../src/protocol/run.ts'
import { aCheck, aRun, at } from '../../support/builders.ts'
import { aFleet, startCoordinator } from '../../support/coordinator.ts'
import { DATABASES } from '../../support/databases.ts'
import { listening } from '../../support/listening-regions.ts'
import { type MovableClock, movableClock } from '../../support/movable-clock.ts'
import { until } from '../../support/until.ts'
import { startWebhookReceiver } from '../../support/webhook-receiver.ts'

const noon = at('2026-03-13T12:00:00Z')
const OTHERS = ['us-east', 'ap-south']
const CHECK = aCheck('http', { schedule: { kind: 'interval', everyMs: 300_000 } })
const SECRET = `whsec_${Buffer.from('a secret for tests only, 32 byte').toString('base64')}`

async function start(database: (typeof DATABASES)[number], clock: MovableClock) {
  const receiver = await startWebhookReceiver()
  const fleet = aFleet({
    checks: [CHECK],
    silentAfterMs: 86_400_000,
    channels: [{ id: 'hook', kind: 'webhook', url: receiver.url, secret: 'HOOK_SECRET' }],
  })
  const secrets = { HOOK_SECRET: SECRET }
  const coordinator = await startCoordinator({ database, clock, fleet, secrets })
  const alert = async () => (await coordinator.get(getCheck, { checkId: CHECK.id })).overview.alert
  return { coordinator, receiver, alert }
}

const answerTo = (command: RunNow | undefined, regionId: string, verdict: Verdict, now: number) =>
  aRun({
    checkId: command?.checkId ?? '',
    regionId,
    slotAt: now,
    startedAt: now,
    verdict,
    ...(command && { command: { commandId: command.commandId, reason: command.reason } }),
    ...(verdict === 'failed' && { error: { type: 'timeout', message: 'no answer' } }),
  })

const aFailure = (now: number, overrides: Partial<Run> = {}) =>
  aRun({
    regionId: 'eu-west',
    slotAt: now - 100,
    startedAt: now - 100,
    verdict: 'failed',
    error: { type: 'timeout', message: 'no answer' },
    ...overrides,
  })

describe.each(DATABASES)('on %s', (database) => {
  test('a first failure asks the other regions at once; what they see opens the incident, which tells so', async () => {
    const clock = movableClock(noon)
    const { coordinator, receiver, alert } = await start(database, clock)
    const held = await listening(coordinator, OTHERS)
    await coordinator.ingest([aFailure(noon)])
    const [command] = (await held.get('us-east')) ?? []
    expect(command).toMatchObject({
      kind: 'run-now',
      checkId: CHECK.id,
      reason: 'confirmation',
      notAfter: noon + 2_000,
    })
    expect((await held.get('ap-south'))?.map(({ commandId }) => commandId)).toEqual([
      command?.commandId,
    ])
    expect(await alert()).toMatchObject({
      state: 'pending',
      confirmation: { asked: OTHERS, failed: ['eu-west'], answers: [] },
      reason: expect.stringContaining('; us-east and ap-south are asked to look at once'),
    })

    clock.advance(800)
    await coordinator.ingest([answerTo(command, 'us-east', 'failed', noon + 700)])
    const incident = await until(
      'the incident is open',
      async () => (await coordinator.get(listIncidents, {}, { state: 'open' })).data[0],
    )
    expect(incident).toMatchObject({
      scope: 'global',
      headline:
        'shop-home fails in eu-west and us-east (2 of 3 regions) (confirmed global): no answer',
    })
    const { incident: whole } = await coordinator.get(getIncident, { incidentId: incident.id })
    expect(whole.findings[0]?.confirmation).toMatchObject({
      verdict: 'confirmed_global',
      answers: [{ regionId: 'us-east', verdict: 'failed', afterMs: 800 }],
    })
    await until('it is told', () => receiver.received.length > 0)
    expect(JSON.parse(receiver.received[0]?.body ?? '').data).toMatchObject({
      confirmation: 'confirmed global: asked at once, us-east fails as well after 800 ms',
    })
  })

  test('what nobody else sees is noise: visible, and told to nobody', async () => {
    const clock = movableClock(noon)
    const { coordinator, receiver, alert } = await start(database, clock)
    const held = await listening(coordinator, OTHERS)
    await coordinator.ingest([aFailure(noon)])
    const [command] = (await held.get('us-east')) ?? []
    clock.advance(500)
    for (const region of OTHERS)
      await coordinator.ingest([answerTo(command, region, 'passed', noon + 400)])
    const noise = await until('the verdict is in', async () => {
      const now = await alert()
      return now.confirmation?.verdict !== undefined && now
    })
    expect(noise).toMatchObject({
      state: 'pending',
      confirmation: {
        verdict: 'not_confirmed',
        reason: 'not confirmed: asked at once, us-east and ap-south pass',
      },
    })
    expect((await coordinator.get(listIncidents)).data).toEqual([])
    expect(receiver.received).toEqual([])

    // Neither the bars nor the ledger know of runs that nobody scheduled.
    const { services } = await coordinator.get(getNow)
    const bars = services[0]?.checks[0]?.regions ?? []
    expect(bars.map(({ regionId, slots }) => [regionId, slots.length])).toEqual([
      ['eu-west', 1],
      ['us-east', 0],
      ['ap-south', 0],
    ])
    expect((await coordinator.get(listRuns)).data).toHaveLength(3)
  })

  test('regions that do not answer, or cannot, confirm nothing; the time of the question ends', async () => {
    const clock = movableClock(noon)
    const { coordinator, alert } = await start(database, clock)
    const held = await listening(coordinator, ['us-east'])
    await coordinator.ingest([aFailure(noon)])
    await held.get('us-east')
    expect((await alert()).confirmation).toMatchObject({ asked: ['us-east'] })
    clock.advance(2_000 + CHECK.timeoutMs)
    await until(
      'the verdict is in',
      async () => (await alert()).confirmation?.verdict === 'not_confirmed',
    )
    expect((await alert()).reason).toContain('not confirmed: asked at once, us-east did not answer')
  })

  test('without probes that listen an alert is what it always was', async () => {
    const clock = movableClock(noon)
    const { coordinator, alert } = await start(database, clock)
    await coordinator.ingest([aFailure(noon)])
    await until('it is pending', async () => (await alert()).state === 'pending')
    expect((await alert()).confirmation).toBeUndefined()
    expect((await alert()).reason).toBe(
      'one failure in eu-west is not confirmed yet; no other region has a fresh run',
    )
  })
})

test('a person runs a check now, in every region that listens', async () => {
  const clock = movableClock(noon)
  const { coordinator } = await start('sqlite', clock)
  const held = await listening(coordinator, ['eu-west', 'us-east'])
  const response = await fetch(coordinator.address + urlFor(runCheck, { checkId: CHECK.id }), {
    method: 'POST',
    body: JSON.stringify({ by: 'Ada' }),
    headers: { 'content-type': 'application/json' },
  })
  const { commandId, ...asked } = runCheck.response.parse(await response.json())
  expect(asked).toEqual({ asked: ['eu-west', 'us-east'], unreachable: ['ap-south'] })
  for (const commands of held.values())
    expect(await commands).toMatchObject([{ commandId, reason: 'manual', checkId: CHECK.id }])
})

test('who cannot be run is refused, and so is who may not listen', async () => {
  const clock = movableClock(noon)
  const fleet = aFleet({ checks: [aCheck('heartbeat', { id: 'export' })] })
  const secrets = { JOB_TOKEN: 'a-token-of-a-job' }
  const coordinator = await startCoordinator({ database: 'sqlite', clock, fleet, secrets })
  const run = async (checkId: string, by = 'Ada') =>
    (await coordinator.post(runCheck, { checkId }, { by })).answer.code
  expect(await run('export')).toBe('check.not_probed')
  expect(await run('nothing')).toBe('check.unknown')
  expect(await run('export', ' ')).toBe('request.invalid')
  const listens = (region: string, token?: string) =>
    coordinator.probeRequest(`/commands?region=${region}`, token === undefined ? {} : { token })
  expect((await listens('eu-west', 'another')).status).toBe(401)
  expect((await listens('nowhere')).status).toBe(404)
})

test('a coordinator that stops lets go of the requests that it holds', async () => {
  const { coordinator } = await start('sqlite', movableClock(noon))
  const held = (await listening(coordinator, ['eu-west'])).get('eu-west')
  await coordinator.stop()
  // Answered with nothing, or cut off: never left hanging.
  expect(await held?.catch(() => [])).toEqual([])
})
