import { describeDuration } from '../../base/duration.ts'
import type { Incident } from '../../protocol/incident.ts'
import type { Absence, Digest, OnCall, Person, Team } from '../../protocol/on-call.ts'
import type { Severity } from '../../protocol/severity.ts'
import { holdsAt } from '../on-call/changes-at.ts'
import { calmContact } from '../on-call/hand-off.ts'
import { describeMoment, instantOf, wallAt } from '../on-call/wall-clock.ts'

/** What nobody is called for at night, and what therefore gathers unless somebody looks. */
export const BACKLOG_SEVERITIES: readonly Severity[] = ['SEV-3', 'SEV-4']

/** Incidents that one digest tells in full; of the others only how many there are. */
export const DIGEST_SHOWN_MAX = 20

/** A digest that nobody could send for so long is not sent any more: the next one says it all. */
export const DIGEST_WITHIN_MS = 12 * 3_600_000

export const DIGEST_SPAN_MS = 7 * 86_400_000

const DAYS_A_WEEK = 7

/** When a team's digest was last due, by the clock of a zone; on a day at which it was put back, the first time. */
export function digestDueAt({ day, at }: Pick<Digest, 'day' | 'at'>, zone: string, now: number) {
  const today = wallAt(now, zone).toPlainDate()
  const time = Temporal.PlainTime.from({ hour: Math.floor(at / 60), minute: at % 60 })
  const back = (today.dayOfWeek - day + DAYS_A_WEEK) % DAYS_A_WEEK
  const dueOn = (date: Temporal.PlainDate) => instantOf(date.toPlainDateTime(time), zone, 'first')
  const latest = today.subtract({ days: back })
  const due = dueOn(latest)
  return due <= now ? due : dueOn(latest.subtract({ days: DAYS_A_WEEK }))
}

export type DueDigest = {
  team: Team
  dueAt: number
  zone: string
  /** Whom it goes to: undefined where nobody of the team can be told calmly. */
  person: Person | undefined
}

/** The digests that are due and not too late, one for each team, by the clock of the file or of the team. */
export function dueDigests(
  { onCall, absences }: { onCall: OnCall; absences: readonly Absence[] },
  now: number,
): DueDigest[] {
  const { digest, teams } = onCall
  if (!digest) return []
  return teams.flatMap((team) => {
    const zone = digest.zone ?? zoneOf(onCall, team)
    const dueAt = digestDueAt(digest, zone, now)
    if (now - dueAt > DIGEST_WITHIN_MS) return []
    return [{ team, dueAt, zone, person: readerOf(onCall, team, absences, now) }]
  })
}

/** By which clock a team works: that of its first rotation. */
const zoneOf = ({ rotations }: OnCall, { id }: Team): string =>
  rotations.find(({ teamId }) => teamId === id)?.versions.at(-1)?.zone ?? 'UTC'

/** Whoever leads the team, else manages it, else the first of it, who is there and can be told calmly. */
function readerOf(
  { people }: OnCall,
  { lead, manager, members }: Team,
  absences: readonly Absence[],
  now: number,
): Person | undefined {
  return [lead, manager, ...members]
    .flatMap((id) => people.find((person) => person.id === id) ?? [])
    .filter(({ id }) => !absences.some((one) => one.personId === id && holdsAt(one, now)))
    .find((person) => calmContact(person) !== undefined)
}

/** What of a team's incidents of {@link BACKLOG_SEVERITIES} a digest tells. */
export type Backlog = {
  /** Open, in any order, as far as they were loaded. */
  open: readonly Pick<Incident, 'id' | 'severity' | 'title' | 'state' | 'openedAt'>[]
  /** With those that were not loaded. */
  openCount: number
  /** Within the week before it was due. */
  opened: number
  ended: number
}

/** The list of the dashboard in which the oldest of a backlog is: each list is of one severity. */
export function backlogPage(open: readonly Pick<Incident, 'severity' | 'openedAt'>[]): string {
  const [oldest] = open.toSorted((a, b) => a.openedAt - b.openedAt)
  return `/incidents?state=backlog${oldest?.severity === 'SEV-3' ? '&severity=SEV-3' : ''}`
}

/**
 * What a digest says; undefined where there is nothing: nothing is open, and the week had nothing.
 *
 * @param url of {@link backlogPage}.
 */
export function digestText(
  { team, dueAt, zone }: Pick<DueDigest, 'team' | 'dueAt' | 'zone'>,
  { open, openCount, opened, ended }: Backlog,
  url: string,
): { subject: string; lines: string[] } | undefined {
  if (openCount === 0 && opened === 0 && ended === 0) return undefined
  const oldestFirst = open.toSorted((a, b) => a.openedAt - b.openedAt)
  const shown = oldestFirst.slice(0, DIGEST_SHOWN_MAX)
  const [oldest] = oldestFirst
  const age = ({ openedAt }: { openedAt: number }) => ageWords(dueAt - openedAt)
  const more = openCount - shown.length
  return {
    subject: oldest
      ? `Backlog of ${team.name}: ${openCount} open, one for ${age(oldest)}`
      : `Backlog of ${team.name}: nothing is open`,
    lines: [
      `Incidents of ${BACKLOG_SEVERITIES.join(' and ')} at ${describeMoment(dueAt, zone)}${shown.length > 0 ? ', the oldest first:' : ': none is open.'}`,
      ...shown.map(
        (one) => `- ${one.id} ${one.severity} for ${age(one)}: ${one.title} (${one.state})`,
      ),
      ...(more > 0 ? [`and ${more} more`] : []),
      `In the week before, ${opened} opened and ${ended} ended.`,
      url,
    ],
  }
}

/** In days, once there are some: hours say nothing of what lies for weeks. */
function ageWords(ms: number): string {
  const days = Math.floor(ms / 86_400_000)
  if (days < 1) return describeDuration(Math.floor(Math.max(0, ms) / 60_000) * 60_000)
  return days === 1 ? '1 day' : `${days} days`
}
