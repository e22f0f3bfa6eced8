import { expect, test } from 'vitest'
import {
  actionsFor,
  INCIDENT_ACTIONS,
  type PanelCommand,
} from '../../../../src/dashboard/words/incident-actions.ts'
import { acknowledge, note } from '../../../../src/domain/incident/commands/acknowledge.ts'
import { changeSeverity } from '../../../../src/domain/incident/commands/change-severity.ts'
import { flagData, withdrawData } from '../../../../src/domain/incident/commands/data-at-risk.ts'
import {
  confirm,
  declare,
  decline,
  standDown,
} from '../../../../src/domain/incident/commands/declare.ts'
import {
  close,
  mitigated,
  reopen,
  resolve,
} from '../../../../src/domain/incident/commands/finish.ts'
import { merge } from '../../../../src/domain/incident/commands/merge.ts'
import { mitigate } from '../../../../src/domain/incident/commands/mitigate.ts'
import type { Decision, Order } from '../../../../src/domain/incident/commands/order.ts'
import { split } from '../../../../src/domain/incident/commands/split.ts'
import { sweep } from '../../../../src/domain/incident/sweep.ts'
import { type Incident, IncidentState } from '../../../../src/protocol/incident.ts'
import { COMMAND_BODIES, type CommandName } from '../../../../src/protocol/incident-command.ts'
import { aFinding, anIncident, NOW } from '../../domain/incident/reports.ts'

const order: Order = { by: 'ada', now: NOW }
const KEY = 'check:checkout-stop'
const incident = anIncident(aFinding(), aFinding({ key: 'check:search', subject: 'search' }))
const into = { ...anIncident(), id: 'INC-7' }

/** Buttons of the gate, of runbooks and of each mitigation, which have a place of their own on the page. */
type ElsewhereOnThePage = 'tick-gate' | 'override-gate' | 'undo-mitigation' | 'page'
const SWEPT = {
  ...{ checkId: 'search', name: 'search', commandId: 'c', deadlineMs: 1 },
  ...{ asked: [], unreachable: [] },
}

/** What the rules say, when everything that is asked for is given. */
const RULES: {
  readonly [C in Exclude<CommandName, PanelCommand | ElsewhereOnThePage>]: (
    incident: Incident,
  ) => Decision
} = {
  declare: (one) => declare(one, order),
  confirm: (one) => confirm(one, order),
  decline: (one) => decline(one, order, { as: 'ticket', reason: 'x' }),
  'stand-down': (one) => standDown(one, order, 'x'),
  acknowledge: (one) => acknowledge(one, order),
  note: (one) => note(one, order, 'x'),
  sweep: (one) => sweep(one, order, { queries: [], checks: [SWEPT], left: 0 }),
  severity: (one) => changeSeverity(one, order, { to: 'SEV-4', reason: 'x' }),
  'data-at-risk': (one) => flagData(one, order, { what: 'x' }, { severityRules: [], services: [] }),
  'withdraw-data-at-risk': (one) => withdrawData(one, order, { reason: 'x' }),
  merge: (one) => merge(one, into, order, 'x'),
  split: (one) =>
    split(one, order, { keys: [KEY], reason: 'x', newId: 'INC-9', title: 'x', severityRules: [] }),
  mitigated: (one) => mitigated(one, order, { note: 'x', verifyForMs: 1 }),
  resolve: (one) => resolve(one, order, { as: 'cause_fixed', reason: 'x' }),
  close: (one) => close(one, order, { withoutReview: 'x' }),
  mitigate: (one) => mitigate(one, order, { kind: 'rollback', what: 'x' }),
  reopen: (one) => reopen(one, order, 'x'),
}

test.each(IncidentState.options)('in %s the buttons are what the rules allow', (state) => {
  const one = { ...incident, state, dataAtRisk: { what: 'orders', by: 'grace', at: NOW } }
  const offered = new Set(actionsFor(one, 2).map(({ command }) => command))
  const allowed = (Object.keys(RULES) as (keyof typeof RULES)[]).filter(
    (command) => RULES[command](one).kind === 'accepted',
  )
  expect([...offered].toSorted()).toEqual(allowed.toSorted())
})

test.each(INCIDENT_ACTIONS)(
  '$label asks for what its command takes',
  ({ command, fields, says }) => {
    const names = [...fields.map(({ name }) => name), ...Object.keys(says ?? {})]
    expect(Object.keys(COMMAND_BODIES[command].shape)).toEqual(expect.arrayContaining(names))
  },
)

test('what was done already has no button, and what is one finding cannot be split', () => {
  const done = { at: NOW, by: 'ada' }
  const all = { ...incident, acknowledged: { ...done, generation: 1 }, confirmed: done }
  const labels = actionsFor(all, 1).map(({ label }) => label)
  for (const label of ['Acknowledge', 'Confirm', 'Split']) expect(labels).not.toContain(label)
  expect(actionsFor({ ...all, generation: 2 }, 1)[0]?.label).toBe('Acknowledge')
})

test('that data is at risk anybody may say, and only what was said can be taken back', () => {
  const labels = (one: Incident) => actionsFor(one, 1).map(({ label }) => label)
  expect(labels(incident)).not.toContain('Data is whole')
  expect(labels({ ...incident, dataAtRisk: { what: 'x', by: 'ada', at: NOW } })).toContain(
    'Data is whole',
  )
  expect(INCIDENT_ACTIONS.filter(({ isForViewers }) => isForViewers)).toMatchObject([
    { command: 'data-at-risk' },
  ])
})
