import { randomUUID } from 'node:crypto'
import { AppError } from '../base/app-error.ts'
import { decideChange } from '../domain/on-call/decide-change.ts'
import type { Fleet } from '../protocol/config.ts'
import {
  type NewOnCallChange,
  NO_ON_CALL,
  type OnCall,
  type OnCallChange,
  type OnCallChanges,
} from '../protocol/on-call.ts'
import type { CoordinatorParts } from './coordinator-parts.ts'
import {
  findOnCallChange,
  loadOnCallChanges,
  ON_CALL_CHANGES_MAX,
  saveOnCallChange,
} from './store/on-call-changes.ts'
import { lockService, type Session } from './store/store.ts'

/** Who is on call, as it is written and as it was said since. */
export type Roster = { onCall: OnCall } & OnCallChanges

/** What whoever asks who is on call at an instant, or later, needs to know. */
export async function loadRoster(session: Session, fleet: Fleet, instant: number): Promise<Roster> {
  return { onCall: fleet.onCall ?? NO_ON_CALL, ...(await loadOnCallChanges(session, instant)) }
}

/** Held while something about on-call is decided, so that no two contradict each other. */
export const LOCK = 'on-call'

/**
 * Takes down an override, a swap or an absence. What would begin in the past begins now.
 *
 * @throws {AppError} `request.invalid` when it names something that is not defined, `on_call.refused`
 * when it overlaps another or is over already, `request.too_many` when there are too many.
 */
export async function addOnCallChange(
  { store, clock, fleet, feed }: CoordinatorParts,
  asked: NewOnCallChange & { author: string },
): Promise<OnCallChange> {
  const now = clock.now()
  const change = await store.transaction(async (tx) => {
    await lockService(tx, LOCK)
    const roster = await loadRoster(tx, fleet, now)
    if (roster.overrides.length + roster.absences.length >= ON_CALL_CHANGES_MAX)
      throw new AppError('request.too_many', `at most ${ON_CALL_CHANGES_MAX} changes at once`)
    const decision = decideChange(roster, asked, now)
    if (decision.kind === 'refused')
      throw new AppError(
        decision.because === 'unknown' ? 'request.invalid' : 'on_call.refused',
        decision.reason,
      )
    const { reason, ...rest } = asked
    const taken: OnCallChange = {
      ...rest,
      ...(reason !== undefined && { reason }),
      id: randomUUID(),
      from: decision.from,
      createdAt: now,
    }
    await saveOnCallChange(tx, taken)
    return taken
  })
  feed.publish([{ type: 'on_call', changeId: change.id }])
  return change
}

/**
 * Ends one before its time, or before it begins; one that is over stays as it is.
 *
 * @throws {AppError} `on_call.unknown`
 */
export async function endOnCallChange(
  { store, clock, feed }: CoordinatorParts,
  id: string,
  author: string,
): Promise<OnCallChange> {
  const change = await store.transaction(async (tx) => {
    await lockService(tx, LOCK)
    const found = await findOnCallChange(tx, id)
    if (!found) throw new AppError('on_call.unknown', id)
    if (found.endedAt !== undefined || found.until <= clock.now()) return found
    const over = { ...found, endedAt: clock.now(), endedBy: author }
    await saveOnCallChange(tx, over)
    return over
  })
  feed.publish([{ type: 'on_call', changeId: change.id }])
  return change
}
