import { expect, test } from 'vitest'
import { DEFAULT_SEVERITY_RULES } from '../../../src/definitions/default-severities.ts'
import {
  declareIncident,
  getIncident,
  INCIDENT_COMMANDS,
} from '../../../src/protocol/public-api.ts'
import { at } from '../../support/builders.ts'
import { runFirewatch } from '../../support/command.ts'
import { aFleet, startCoordinator } from '../../support/coordinator.ts'
import { DATABASES } from '../../support/databases.ts'
import { movableClock } from '../../support/movable-clock.ts'
import { firstAdmin, member, tokenOf } from '../../support/people.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { until } from '../../support/until.ts'
import { startWebhookReceiver } from '../../support/webhook-receiver.ts'

const friday = at('2026-03-13T14:40:00Z')
const params = { incidentId: 'INC-1' }

test.each(DATABASES)(
  'on %s, who may only read may say that data is at risk, and only who leads takes it back',
  async (database) => {
    const receiver = await startWebhookReceiver()
    const coordinator = await startCoordinator({
      database,
      clock: movableClock(friday),
      fleet: aFleet({
        silentAfterMs: 86_400_000,
        severityRules: DEFAULT_SEVERITY_RULES,
        channels: [{ id: 'hook', kind: 'webhook', url: receiver.url, secret: 'HOOK_SECRET' }],
      }),
      secrets: {
        HOOK_SECRET: `whsec_${Buffer.from('a secret for tests only').toString('base64')}`,
      },
      access: { signIn: 'required' },
    })
    const admin = await firstAdmin(coordinator)
    const reader = await member(coordinator.address, admin, 'reader', 'viewer')
    const leader = await member(coordinator.address, admin, 'leader', 'responder')
    const body = { serviceId: 'storefront', title: 'Sums are off', severity: 'SEV-3', reason: 'x' }
    await leader.ask(declareIncident, { body })

    const flag = INCIDENT_COMMANDS['data-at-risk']
    const withdraw = INCIDENT_COMMANDS['withdraw-data-at-risk']
    expect(await reader.ask(flag, { params, body: { what: '' } })).toMatchObject({
      status: 409,
      body: { code: 'incident.reason_missing' },
    })
    // The session says who it is, whatever the body does.
    const said = { what: 'orders may be stored twice', by: 'somebody else' }
    expect(await reader.ask(flag, { params, body: said })).toMatchObject({
      status: 200,
      body: { incident: { severity: 'SEV-1', dataAtRisk: { by: 'reader' } } },
    })
    expect(await reader.ask(withdraw, { params, body: { reason: 'no' } })).toMatchObject({
      status: 403,
    })
    const { secret } = await tokenOf(admin, {
      name: 'terminal',
      role: 'responder',
      login: 'leader',
    })
    const shown = await runFirewatch(['incident', 'show', '1'], {
      folder: await tempFolder(),
      environment: { FIREWATCH_COORDINATOR_URL: coordinator.address, FIREWATCH_TOKEN: secret },
    })
    expect(shown.stdout).toContain(
      'Data may be lost or wrong, says reader: orders may be stored twice',
    )
    const reason = 'counted: all there'
    expect(await leader.ask(withdraw, { params, body: { reason } })).toMatchObject({
      body: { incident: { severity: 'SEV-1' } },
    })

    const { events } = (await leader.ask(getIncident, { params })).body
    expect(events.slice(2)).toMatchObject([
      { type: 'data_at_risk', actor: { name: 'reader' } },
      { type: 'severity_raised', from: 'SEV-3', to: 'SEV-1', actor: { name: 'reader' } },
      { type: 'data_at_risk_withdrawn', actor: { name: 'leader' }, reason },
    ])
    const told = () => receiver.received.map(({ body: sent }) => JSON.parse(sent).type)
    await until('the last is told', () => told().includes('incident.data_at_risk_withdrawn'))
    expect(told()).toEqual([
      'incident.opened',
      'incident.data_at_risk',
      'incident.severity_raised',
      'incident.data_at_risk_withdrawn',
    ])
  },
)
