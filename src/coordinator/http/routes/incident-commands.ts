import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import { acknowledge, note } from '../../../domain/incident/commands/acknowledge.ts'
import { askForPage } from '../../../domain/incident/commands/ask-for-page.ts'
import { changeSeverity } from '../../../domain/incident/commands/change-severity.ts'
import { flagData, withdrawData } from '../../../domain/incident/commands/data-at-risk.ts'
import { confirm, declare, decline, standDown } from '../../../domain/incident/commands/declare.ts'
import { close, mitigated, reopen, resolve } from '../../../domain/incident/commands/finish.ts'
import { mitigate, undoMitigation } from '../../../domain/incident/commands/mitigate.ts'
import { planNext } from '../../../domain/incident/commands/next-action.ts'
import type { Decision, Order } from '../../../domain/incident/commands/order.ts'
import { postUpdate } from '../../../domain/incident/commands/post-update.ts'
import { giveUpRole, handOverRole, takeRole } from '../../../domain/incident/commands/roles.ts'
import { stepDone, stepUndone } from '../../../domain/incident/commands/runbook-step.ts'
import { overrideGate, tickGate } from '../../../domain/incident/commands/verify.ts'
import { updateContext } from '../../../domain/incident/leading/update-context.ts'
import type { Fleet } from '../../../protocol/config.ts'
import type { Incident } from '../../../protocol/incident.ts'
import type { CommandBody, CommandName } from '../../../protocol/incident-command.ts'
import {
  type CommandedIncident,
  declareIncident,
  INCIDENT_COMMANDS,
  type RouteContract,
} from '../../../protocol/public-api.ts'
import { actorOf, type Caller } from '../../access/caller.ts'
import {
  correctEvent,
  declareNew,
  lead,
  mergeIncidents,
  splitIncident,
} from '../../command-desk.ts'
import { beginSweep } from '../../sweep-desk.ts'
import { loadGate, watchedChecks } from '../../verification-desk.ts'
import { defineRoute, type Route } from '../define-route.ts'

export const declareIncidentRoute = defineRoute(declareIncident, async ({ body }, parts, caller) =>
  declareNew(parts, orderOf(body, caller, parts.clock.now()), body),
)

/** A command that changes only the incident that it is given to. */
const command = <
  Name extends Exclude<CommandName, 'merge' | 'split' | 'sweep' | 'override-gate' | 'correct'>,
>(
  name: Name,
  decide: (incident: Incident, order: Order, body: CommandBody<Name>, fleet: Fleet) => Decision,
): Route => {
  // One contract of the table has one body; of all of them the compiler knows only the union.
  const contract: AnyCommand = INCIDENT_COMMANDS[name]
  return defineRoute(contract, async ({ params, body }, parts, caller) => {
    const order = orderOf(body as CommandBody<Name>, caller, parts.clock.now())
    return lead(parts, String(params.incidentId), (incident) =>
      decide(incident, order, body as CommandBody<Name>, parts.fleet),
    )
  })
}

type AnyCommand = RouteContract & { params: z.ZodObject; response: typeof CommandedIncident }

/** Not compiling? A command was added to `protocol/incident-command.ts`, and nobody carries it out. */
export const incidentCommandRoutes: { [Name in CommandName]: Route } = {
  declare: command('declare', declare),
  confirm: command('confirm', (incident, order, body) => confirm(incident, order, body.note)),
  decline: command('decline', decline),
  'stand-down': command('stand-down', (incident, order, body) =>
    standDown(incident, order, body.reason),
  ),
  acknowledge: command('acknowledge', acknowledge),
  note: command('note', (incident, order, body) => note(incident, order, body.text, body.as)),
  severity: command('severity', changeSeverity),
  'data-at-risk': command('data-at-risk', flagData),
  'withdraw-data-at-risk': command('withdraw-data-at-risk', withdrawData),
  mitigated: command('mitigated', (incident, order, body, { verifyForMs }) =>
    mitigated(incident, order, { note: body.note, verifyForMs }),
  ),
  resolve: command('resolve', resolve),
  close: command('close', close),
  reopen: command('reopen', (incident, order, body) => reopen(incident, order, body.reason)),
  'take-role': command('take-role', takeRole),
  'hand-over': command('hand-over', handOverRole),
  'give-up': command('give-up', giveUpRole),
  'next-action': command('next-action', planNext),
  'step-done': command('step-done', (incident, order, body, { runbooks = [] }) =>
    stepDone(incident, order, body, runbooks),
  ),
  'step-undone': command('step-undone', (incident, order, body, { runbooks = [] }) =>
    stepUndone(incident, order, body, runbooks),
  ),
  page: command('page', askForPage),
  update: command('update', (incident, order, body, fleet) =>
    postUpdate(incident, order, body, updateContext(incident, fleet, randomUUID())),
  ),
  correct: defineRoute(INCIDENT_COMMANDS.correct, async ({ params, body }, parts, caller) =>
    correctEvent(parts, params.incidentId, orderOf(body, caller, parts.clock.now()), body),
  ),
  'tick-gate': command('tick-gate', tickGate),
  'override-gate': defineRoute(
    INCIDENT_COMMANDS['override-gate'],
    async ({ params, body }, parts, caller) =>
      lead(parts, params.incidentId, async (incident, tx) =>
        overrideGate(incident, orderOf(body, caller, parts.clock.now()), {
          reason: body.reason,
          gate: await loadGate(tx, parts, incident),
          watched: await watchedChecks(tx, parts, incident),
        }),
      ),
  ),
  mitigate: command('mitigate', mitigate),
  'undo-mitigation': command('undo-mitigation', undoMitigation),
  merge: defineRoute(INCIDENT_COMMANDS.merge, async ({ params, body }, parts, caller) =>
    mergeIncidents(parts, params.incidentId, orderOf(body, caller, parts.clock.now()), body),
  ),
  sweep: defineRoute(INCIDENT_COMMANDS.sweep, async ({ params, body }, parts, caller) =>
    beginSweep(parts, params.incidentId, orderOf(body, caller, parts.clock.now())),
  ),
  split: defineRoute(INCIDENT_COMMANDS.split, async ({ params, body }, parts, caller) =>
    splitIncident(parts, params.incidentId, orderOf(body, caller, parts.clock.now()), body),
  ),
}

const orderOf = (
  { by, commandId, occurredAt }: Pick<CommandBody<'note'>, 'by' | 'commandId' | 'occurredAt'>,
  caller: Caller,
  now: number,
): Order => ({ by: actorOf(caller, by), commandId, occurredAt, now })
