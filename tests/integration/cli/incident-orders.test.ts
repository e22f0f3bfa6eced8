import { expect, test } from 'vitest'
import {
  declareIncident,
  getIncident,
  INCIDENT_COMMANDS,
} from '../../../src/protocol/public-api.ts'
import type { Runbook } from '../../../src/protocol/runbook.ts'
import { aCheck, at } from '../../support/builders.ts'
import { runFirewatch } from '../../support/command.ts'
import { aFleet, startCoordinator } from '../../support/coordinator.ts'
import { startNtfy } from '../../support/message-services.ts'
import { movableClock } from '../../support/movable-clock.ts'
import { anOnCall, aPhone } from '../../support/on-call.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { until } from '../../support/until.ts'

/** A dozen processes and more, two at a time, on a machine that has other work as well. */
const PROCESSES_MS = 90_000

const friday = at('2026-03-13T12:00:00Z')

const runbook: Runbook = {
  id: 'bad-deploy',
  title: 'Bad deploy',
  binding: { services: ['storefront'] },
  alert: 'It fails since a release.',
  severity: 'SEV-1',
  prerequisites: ['a shell'],
  steps: [{ what: 'Look.', command: 'kubectl get pods', expected: 'a crash' }],
  escalation: 'The owner.',
}

/** One coordinator for all of it: what is asked is what a terminal says, not what an incident does. */
async function aTerminal() {
  const phones = await startNtfy()
  const coordinator = await startCoordinator({
    database: 'sqlite',
    clock: movableClock(friday),
    fleet: aFleet({
      silentAfterMs: 86_400_000,
      checks: [aCheck('http')],
      runbooks: [runbook],
      onCall: anOnCall({
        'first-responder': [aPhone('first', phones.url)],
        'second-responder': [aPhone('second', phones.url)],
      }),
    }),
  })
  const folder = await tempFolder()
  const environment = { FIREWATCH_COORDINATOR_URL: coordinator.address, FIREWATCH_USER: 'Ada' }
  return {
    /** Whose phone rang for an incident. */
    rung: (incidentId: string) =>
      phones.taken
        .map(({ body }) => JSON.parse(body))
        .filter(({ title }) => title.includes(incidentId))
        .map(({ topic }) => topic),
    firewatch: (...typed: string[]) => runFirewatch(typed, { folder, environment }),
    /** Opens one that no check has found. */
    async declare() {
      const wanted = { serviceId: 'storefront', title: 'Nobody can pay', severity: 'SEV-1' }
      const body = { by: 'Ada', reason: 'twelve calls', ...wanted }
      const { answer } = await coordinator.post(declareIncident, {}, body)
      return answer.incident.id
    },
    give: (incidentId: string, name: keyof typeof INCIDENT_COMMANDS, body: object) =>
      coordinator.post(INCIDENT_COMMANDS[name], { incidentId }, { by: 'Ada', ...body }),
    eventsOf: async (incidentId: string) =>
      (await coordinator.get(getIncident, { incidentId })).events,
  }
}

test(
  'orders of the terminal do what they say, and a refusal says why',
  async () => {
    const { firewatch, declare, give, eventsOf, rung } = await aTerminal()
    const one = await declare()
    const two = await declare()
    expect([one, two]).toEqual(['INC-1', 'INC-2'])
    await give(one, 'take-role', { role: 'scribe' })
    await give(one, 'step-done', { runbookId: 'bad-deploy', step: 1, result: 'two crashed' })
    await give(two, 'mitigated', { note: 'rolled back 812' })

    /** What must come of it, each with the order that is refused beside it. */
    const orders: {
      typed: string[]
      says: string
      event?: object
      refused: string[]
      why: string
      code?: number
    }[] = [
      {
        typed: ['mitigate', '1', 'rollback', 'back', 'to', '811', '--target', 'storefront'],
        says: 'INC-1 is mitigating, SEV-1\n',
        event: {
          ...{ type: 'mitigation_applied', mitigationId: 'm1', kind: 'rollback' },
          ...{ what: 'back to 811', target: 'storefront', actor: { kind: 'person', name: 'Ada' } },
        },
        refused: ['mitigate', '1', 'rolback', '811'],
        why: 'rolback is no kind of mitigation; expected rollback, flag, drain, restart, scale, failover, degrade or other; did you mean rollback?',
      },
      {
        typed: ['undo', '1', 'm1', '--note', '811 is worse'],
        says: 'INC-1 is mitigating, SEV-1\n',
        event: { type: 'mitigation_undone', mitigationId: 'm1', note: '811 is worse' },
        refused: ['undo', '1', 'm9'],
        why: 'INC-1 has no mitigation m9',
      },
      {
        typed: ['step-back', '1', 'bad-deploy', '1', '--reason', 'the wrong cluster'],
        says: 'INC-1 is mitigating, SEV-1\n',
        event: {
          type: 'step_undone',
          runbookId: 'bad-deploy',
          step: 1,
          reason: 'the wrong cluster',
        },
        refused: ['step-back', '1', 'bad-deploy', 'first'],
        why: 'expected the number of the step, got first',
      },
      {
        typed: ['give-up', '1', 'scribe', '--note', 'my shift ends'],
        says: 'INC-1 is mitigating, SEV-1\n',
        event: { type: 'role_renounced', role: 'scribe', person: 'Ada', note: 'my shift ends' },
        refused: ['give-up', '1', 'comms'],
        why: 'nobody is Communications Lead of INC-1',
      },
      {
        typed: ['tick', '2', 'reconciliation', '--later', 'Grace', '--note', 'orders of the night'],
        says: 'INC-2 is verifying, SEV-1\n',
        event: { type: 'gate_ticked', item: 'reconciliation', outcome: 'deferred', owner: 'Grace' },
        refused: ['tick', '1', 'communication'],
        why: 'INC-1 is mitigating',
      },
    ]
    for (const { typed, says, event, refused, why, code = 2 } of orders) {
      const [done, refusal] = await Promise.all([
        firewatch('incident', ...typed),
        firewatch('incident', ...refused),
      ])
      expect(done).toEqual({ code: 0, stdout: says, stderr: '' })
      expect(await eventsOf(`INC-${typed[1]}`)).toContainEqual(expect.objectContaining(event))
      expect(refusal).toMatchObject({ code, stdout: '' })
      expect(refusal.stderr).toContain(why)
    }

    // Once it is passed over it is restored, so that the refusals come first.
    const [without, nothing] = await Promise.all([
      firewatch('incident', 'override-gate', '2'),
      firewatch('incident', 'sweep', '99'),
    ])
    expect(without).toMatchObject({ code: 2, stderr: expect.stringContaining('needs a reason') })
    expect(nothing).toMatchObject({ code: 4, stdout: '' })
    expect(nothing.stderr).toContain('INC-99')
    const [passed, swept] = await Promise.all([
      firewatch('incident', 'override-gate', '2', '--reason', 'the vendor said so'),
      firewatch('incident', 'sweep', '1'),
    ])
    expect(passed).toEqual({ code: 0, stdout: 'INC-2 is restored, SEV-1\n', stderr: '' })
    expect(await eventsOf(two)).toContainEqual(
      expect.objectContaining({ type: 'gate_overridden', reason: 'the vendor said so' }),
    )
    expect(swept).toMatchObject({ code: 0, stderr: '' })
    expect(swept.stdout).toBe(
      '· shop-home\n    eu-west: cannot be reached\n    us-east: cannot be reached\n    ap-south: cannot be reached\n',
    )
    expect(await eventsOf(one)).toContainEqual(expect.objectContaining({ type: 'swept' }))

    // What is said in a terminal of who is on call has the next page go there.
    const override = await firewatch(
      ...['on-call', 'override', 'add', 'second-responder', '--rotation', 'shop-weekly'],
      ...['--by', 'first-responder', '--from', '2026-03-13T12:00:00Z', '--for', '4h'],
    )
    expect(override).toMatchObject({ code: 0, stderr: '' })
    const three = await declare()
    const called = () => rung(three).length > 0 && rung(three)
    expect(await until('somebody is called', called)).toEqual(['second'])
    expect(rung(one)).toEqual(['first'])
  },
  PROCESSES_MS,
)
