import {
  BACKLOG_SEVERITIES,
  type Backlog,
  backlogPage,
  DIGEST_SPAN_MS,
  type DueDigest,
  digestText,
  dueDigests,
} from '../domain/incident/backlog-digest.ts'
import { teamOf } from '../domain/on-call/escalations-for.ts'
import { calmContact } from '../domain/on-call/hand-off.ts'
import { destinationOf } from '../domain/paging/order-contacts.ts'
import type { Notification } from '../protocol/notification.ts'
import { NO_ON_CALL } from '../protocol/on-call.ts'
import type { CoordinatorParts } from './coordinator-parts.ts'
import { LOCK, loadRoster } from './on-call-desk.ts'
import { loadBacklog } from './store/incidents.ts'
import { addToOutbox, hasDelivery } from './store/outbox.ts'
import { lockService, type Session } from './store/store.ts'

/**
 * Where the weekly digests are written. That one was sent is known by its delivery, whose id is made of the
 * team and the instant at which it was due: whoever comes second, after a restart or beside this coordinator,
 * finds it there under the lock.
 */

const DIGEST_TYPE = 'digest.backlog'

/**
 * Sends the digests that are due.
 *
 * @param looked deliveries that this coordinator has looked at, so that a quiet week is looked at once.
 */
export async function sendDigests(parts: CoordinatorParts, looked: Set<string>): Promise<void> {
  const { store, fleet, clock, wake, logger } = parts
  if (!fleet.onCall?.digest) return
  const now = clock.now()
  const due = dueDigests(await loadRoster(store, fleet, now), now)
  for (const digest of due) {
    const id = deliveryIdOf(digest)
    if (looked.has(id)) continue
    const end = await store.transaction((tx) => sendDigest(tx, parts, digest))
    looked.add(id)
    if (end === 'sent') wake.deliver()
    if (end === 'nobody')
      logger.warn(
        { team: digest.team.id, expected: 'a verified email, slack, webhook, ntfy or sms contact' },
        'the digest of the backlog has nobody to go to',
      )
  }
  // Only those that are due can come up again.
  const current = new Set(due.map(deliveryIdOf))
  for (const id of looked) if (!current.has(id)) looked.delete(id)
}

const deliveryIdOf = ({ team, dueAt }: DueDigest) => `digest:${team.id}.${dueAt}`

async function sendDigest(
  tx: Session,
  parts: CoordinatorParts,
  digest: DueDigest,
): Promise<'sent' | 'nothing' | 'nobody'> {
  const { links, clock } = parts
  await lockService(tx, LOCK)
  const deliveryId = deliveryIdOf(digest)
  if (await hasDelivery(tx, deliveryId)) return 'nothing'
  const { team, dueAt, person } = digest
  const backlog = await backlogOf(tx, parts, digest)
  const url = links.to(backlogPage(backlog.open))
  const text = digestText(digest, backlog, url)
  if (!text) return 'nothing'
  const contact = person && calmContact(person)
  if (!person || !contact) return 'nobody'
  const body: Notification = {
    type: DIGEST_TYPE,
    timestamp: new Date(dueAt).toISOString(),
    data: {
      headline: text.subject,
      text: text.lines.join('\n'),
      person: { id: person.id, name: person.name },
      url,
    },
  }
  await addToOutbox(
    tx,
    [
      {
        deliveryId,
        channelId: `${person.id}/${contact.id}`,
        incidentId: `digest:${team.id}`,
        sequence: 0,
        eventType: DIGEST_TYPE,
        body: JSON.stringify(body),
        personal: {
          ...{ step: '', personId: person.id, rank: 0 },
          destination: destinationOf(contact),
        },
      },
    ],
    clock.now(),
  )
  return 'sent'
}

async function backlogOf(
  tx: Session,
  { fleet }: Pick<CoordinatorParts, 'fleet'>,
  { team, dueAt }: DueDigest,
): Promise<Backlog> {
  const found = await loadBacklog(tx, {
    severities: BACKLOG_SEVERITIES,
    since: dueAt - DIGEST_SPAN_MS,
    until: dueAt,
  })
  const onCall = fleet.onCall ?? NO_ON_CALL
  const isTheirs = ({ serviceId }: { serviceId: string }) =>
    teamOf(onCall, serviceId)?.id === team.id
  const sum = (counts: readonly { serviceId: string; count: number }[]) =>
    counts.filter(isTheirs).reduce((total, { count }) => total + count, 0)
  return {
    open: found.open.filter(isTheirs),
    openCount: sum(found.openCounts),
    opened: sum(found.opened),
    ended: sum(found.ended),
  }
}
