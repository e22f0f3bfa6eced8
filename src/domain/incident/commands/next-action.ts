import type { Incident } from '../../../protocol/incident.ts'
import { carryOut, type Decision, type Order } from './order.ts'

/**
 * Says what is done next and by whom. Without text nothing is planned any more; with `result` what was
 * planned is done, and that is what came of it.
 */
export function planNext(
  incident: Incident,
  order: Order,
  {
    text,
    who,
    result,
  }: { text?: string | undefined; who?: string | undefined; result?: string | undefined },
): Decision {
  const planned = incident.nextAction
  return carryOut(incident, order, text ?? result, () => {
    const next = (text ?? '').trim()
    const came = (result ?? '').trim()
    if (planned === undefined && next === '')
      return {
        code: 'incident.no_change',
        reason: `nothing is planned next on ${incident.id}`,
      }
    return [
      ...(planned !== undefined && came !== ''
        ? [{ type: 'noted' as const, text: `${planned.text}: ${came}`, as: 'result' as const }]
        : []),
      {
        type: 'next_action_set',
        ...(next !== '' && {
          text: next,
          ...((who ?? '').trim() !== '' && { who: who?.trim() ?? '' }),
        }),
      },
    ]
  })
}
