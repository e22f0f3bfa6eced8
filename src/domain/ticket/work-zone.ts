import type { OnCall } from '../../protocol/on-call.ts'
import { teamOf } from '../on-call/escalations-for.ts'

/**
 * By which clock the team of a service works: that of its first rotation; undefined where nothing says.
 * Of a rotation with several versions the last one counts, which is what the team means from then on.
 */
export function workZone(onCall: OnCall | undefined, serviceId: string): string | undefined {
  if (!onCall) return undefined
  const team = teamOf(onCall, serviceId)
  const rotation = onCall.rotations.find(({ teamId }) => teamId === team?.id)
  return rotation?.versions.at(-1)?.zone
}
