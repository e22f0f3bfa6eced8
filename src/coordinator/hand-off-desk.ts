import { AppError } from '../base/app-error.ts'
import {
  calmContact,
  decideConfirm,
  decideUnconfirmed,
  type StartedShift,
  startedShifts,
  TOLD_WITHIN_MS,
  tellShift,
} from '../domain/on-call/hand-off.ts'
import { shiftText, unconfirmedText } from '../domain/on-call/hand-off-text.ts'
import { destinationOf } from '../domain/paging/order-contacts.ts'
import type { HandOff } from '../protocol/hand-off.ts'
import type { Notification } from '../protocol/notification.ts'
import type { Person } from '../protocol/on-call.ts'
import type { CoordinatorParts } from './coordinator-parts.ts'
import { LOCK, loadRoster, type Roster } from './on-call-desk.ts'
import {
  addHandOff,
  findHandOff,
  handOffsAfter,
  handOffsDue,
  saveHandOff,
  settleHandOff,
} from './store/hand-offs.ts'
import { addToOutbox } from './store/outbox.ts'
import { lockService, type Session } from './store/store.ts'

/**
 * Where shifts begin: whoever takes a duty over is told once, confirms it, and somebody else is told when
 * they do not. A hand-off and what is told of it are one transaction, so that neither a restart nor a second
 * coordinator tells it twice. Messages are of no incident: they are filed under the hand-off's id.
 */

const filedUnder = (handOffId: string) => `shift:${handOffId}`

/** Tells whoever took over a duty since the last look. */
export async function startShifts(parts: CoordinatorParts): Promise<void> {
  const { store, fleet, clock } = parts
  if (!fleet.onCall?.rotations.length) return
  const now = clock.now()
  const roster = await loadRoster(store, fleet, now - TOLD_WITHIN_MS)
  const known = new Set((await handOffsAfter(store, now)).map(({ handOffId }) => handOffId))
  for (const shift of startedShifts(roster, now, known)) {
    const isNew = await store.transaction((tx) => startShift(tx, parts, { shift, roster, now }))
    if (isNew) announce(parts, shift.handOffId)
  }
}

async function startShift(
  tx: Session,
  parts: CoordinatorParts,
  { shift, roster, now }: { shift: StartedShift; roster: Roster; now: number },
): Promise<boolean> {
  const person = roster.onCall.people.find(({ id }) => id === shift.personId)
  const handOff = tellShift(shift, person, now)
  if (!(await addHandOff(tx, handOff))) return false
  const { subject, lines } = shiftText(roster, handOff, parts.links.to(ON_CALL_PAGE))
  await tell(tx, parts, { handOff, person, type: 'shift.started', subject, lines })
  return true
}

/** The page of the dashboard on which a hand-off is confirmed. */
const ON_CALL_PAGE = '/on-call'

/** Tells somebody else of every duty that was not confirmed in time. */
export async function tellUnconfirmed(parts: CoordinatorParts): Promise<void> {
  const { store, clock } = parts
  for (const id of await handOffsDue(store, clock.now())) {
    const isTold = await store.transaction((tx) => missConfirmation(tx, parts, id))
    if (isTold) announce(parts, id)
  }
}

async function missConfirmation(
  tx: Session,
  parts: CoordinatorParts,
  id: string,
): Promise<boolean> {
  const { fleet, clock, links } = parts
  await lockService(tx, LOCK)
  const now = clock.now()
  // Read anew under the lock: it may be confirmed, or told by another coordinator, meanwhile.
  const handOff = await findHandOff(tx, id)
  if (!handOff || handOff.confirmedAt !== undefined || handOff.unconfirmed) return false
  const roster = await loadRoster(tx, fleet, now)
  const decision = decideUnconfirmed(roster, handOff, now)
  if (decision.kind === 'over') {
    await settleHandOff(tx, id)
    return false
  }
  const { reason } = decision
  const told = decision.kind === 'tell' ? decision.personId : undefined
  await saveHandOff(tx, {
    ...handOff,
    unconfirmed: { at: now, reason, ...(told !== undefined && { told }) },
  })
  const person = roster.onCall.people.find((one) => one.id === told)
  const { subject, lines } = unconfirmedText(roster, handOff, {
    reason,
    url: links.to(ON_CALL_PAGE),
    zone: person?.zone ?? 'UTC',
  })
  await tell(tx, parts, { handOff, person, type: 'shift.unconfirmed', subject, lines })
  return true
}

/** By the first contact of theirs that does not ring; nothing where there is none. */
async function tell(
  tx: Session,
  { clock, links }: CoordinatorParts,
  {
    handOff,
    person,
    type,
    subject,
    lines,
  }: {
    handOff: HandOff
    person: Person | undefined
    type: 'shift.started' | 'shift.unconfirmed'
    subject: string
    lines: string[]
  },
): Promise<void> {
  const contact = person && calmContact(person)
  if (!person || !contact) return
  const now = clock.now()
  const body: Notification = {
    type,
    timestamp: new Date(now).toISOString(),
    data: {
      headline: subject,
      text: lines.join('\n'),
      person: { id: person.id, name: person.name },
      reason: handOff.reason,
      url: links.to(ON_CALL_PAGE),
    },
  }
  const delivery = {
    deliveryId: `${handOff.handOffId}.${type}.${person.id}.${contact.id}`,
    channelId: `${person.id}/${contact.id}`,
    incidentId: filedUnder(handOff.handOffId),
    sequence: type === 'shift.started' ? 0 : 1,
    eventType: type,
    body: JSON.stringify(body),
    personal: {
      step: '',
      personId: person.id,
      destination: destinationOf(contact),
      rank: 0,
    },
  }
  await addToOutbox(tx, [delivery], now)
}

function announce({ feed, wake }: CoordinatorParts, handOffId: string): void {
  feed.publish([{ type: 'on_call', changeId: handOffId }])
  wake.deliver()
}

/**
 * Takes down that somebody has the duty that they took over.
 *
 * @throws {AppError} `on_call.unknown`; `on_call.refused` when somebody else takes it over, or it is over.
 */
export async function confirmHandOff(
  { store, clock, fleet, feed }: CoordinatorParts,
  id: string,
  by: string,
): Promise<HandOff> {
  const confirmed = await store.transaction(async (tx) => {
    await lockService(tx, LOCK)
    const handOff = await findHandOff(tx, id)
    if (!handOff) throw new AppError('on_call.unknown', id)
    const roster = await loadRoster(tx, fleet, clock.now())
    const decision = decideConfirm(roster, handOff, { by, now: clock.now() })
    if (decision.kind === 'refused') throw new AppError('on_call.refused', decision.reason)
    await saveHandOff(tx, decision.handOff)
    return decision.handOff
  })
  feed.publish([{ type: 'on_call', changeId: id }])
  return confirmed
}
