import { describeDuration } from '../../../base/duration.ts'
import type { Incident } from '../../../protocol/incident.ts'
import type { Duty, OnCall, PageTarget } from '../../../protocol/on-call.ts'
import type { Runbook } from '../../../protocol/runbook.ts'
import { teamOf } from '../../on-call/escalations-for.ts'
import { carryOut, type Decision, type Order, type Refusal, refuseState } from './order.ts'

/** Pressed again so soon it is a slip; whoever does not answer is called again after that. */
export const ASKED_AGAIN_MS = 2 * 60_000

/**
 * A person has somebody called whom a runbook names. They are called once, whoever has the incident: to
 * call for help takes it from nobody.
 */
export function askForPage(
  incident: Incident,
  order: Order,
  asked: { runbookId: string; call: number; note?: string | undefined },
  { runbooks = [], onCall }: { runbooks?: readonly Runbook[]; onCall?: OnCall },
): Decision {
  const { runbookId, call, note } = asked
  return carryOut(incident, order, note, () => {
    const runbook = runbooks.find(({ id }) => id === runbookId)
    const named = runbook?.calls?.[call - 1]
    if (!named)
      return {
        code: 'incident.step_unknown',
        reason: runbook
          ? `the runbook ${runbookId} names ${runbook.calls?.length ?? 0} to be paged`
          : `there is no runbook ${runbookId}`,
      }
    const duty = dutyOf(named.duty, onCall, incident.serviceId)
    if ('code' in duty) return duty
    const refused =
      refuseState(incident, ['triage', 'mitigating'], 'paging somebody') ??
      refuseRepeated(incident, order, asked)
    if (refused) return refused
    return [
      {
        type: 'page_asked',
        ...{ runbookId, call, duty, who: named.who },
        ...(note !== undefined && note.trim() !== '' && { note }),
      },
    ]
  })
}

/** Whom a runbook means for an incident of the service; of a team that nobody has there is no duty. */
export function dutyOf(
  target: PageTarget,
  onCall: OnCall | undefined,
  serviceId: string,
): Duty | Refusal {
  const nobody = (reason: string): Refusal => ({ code: 'incident.nobody_to_page', reason })
  if (!onCall || onCall.people.length === 0) return nobody('config/on-call.yaml names nobody')
  switch (target.kind) {
    case 'owner': {
      const team = teamOf(onCall, serviceId)
      if (!team) return nobody(`no team owns ${serviceId}`)
      return { kind: 'team', teamId: team.id, role: target.role }
    }
    case 'team':
    case 'rotation':
    case 'person':
      return target
  }
}

function refuseRepeated(
  { asked = [] }: Incident,
  { now }: Order,
  { runbookId, call }: { runbookId: string; call: number },
): Refusal | undefined {
  const last = asked.findLast((one) => one.runbookId === runbookId && one.call === call)
  if (!last || now - last.at >= ASKED_AGAIN_MS) return undefined
  return {
    code: 'incident.no_change',
    reason: `${last.by} had them called ${describeDuration(Math.max(0, now - last.at))} ago; call again after ${describeDuration(ASKED_AGAIN_MS)}`,
  }
}
