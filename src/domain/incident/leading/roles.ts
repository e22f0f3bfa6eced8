import type { Incident, IncidentEvent } from '../../../protocol/incident.ts'
import {
  type IncidentRole,
  ROLE_NAMES,
  type RoleHolding,
  TWO_ROLES_MS,
} from '../../../protocol/leading.ts'
import { joinNames } from '../../join-names.ts'

/** What is posted when a person takes command, so that nobody wonders who decides. */
export const COMMAND_ANNOUNCEMENT = 'I am acting as Incident Commander for this incident.'

type Led = Pick<Incident, 'roles'>

/** The roles that somebody has now, in the order of the roles. */
export const rolesHeld = ({ roles = [] }: Led): RoleHolding[] =>
  (Object.keys(ROLE_NAMES) as IncidentRole[]).flatMap(
    (role) => roles.find((one) => one.role === role && one.renouncedAt === undefined) ?? [],
  )

/** Who has a role now. */
export const holderOf = (incident: Led, role: IncidentRole): string | undefined =>
  rolesHeld(incident).find((holding) => holding.role === role)?.person

/** Whom reminders of an update are for: whoever communicates, else whoever leads, else whoever has it. */
export function toldOfUpdates(
  incident: Pick<Incident, 'roles' | 'acknowledged'>,
  withCommander: boolean,
): string[] {
  const communications = holderOf(incident, 'communications_lead')
  const commander = holderOf(incident, 'incident_commander')
  const first = communications ?? commander ?? incident.acknowledged?.by
  return [
    ...new Set([first, withCommander ? commander : undefined].filter((one) => one !== undefined)),
  ]
}

/** People who have had two roles or more for {@link TWO_ROLES_MS}: allowed, and worth a thought. */
export function peopleWithTwoRoles(
  incident: Led,
  now: number,
): { person: string; roles: IncidentRole[]; since: number }[] {
  const byPerson = Map.groupBy(rolesHeld(incident), ({ person }) => person)
  return [...byPerson].flatMap(([person, holdings]) => {
    // Since the second one.
    const since = holdings.map(({ assumedAt }) => assumedAt).toSorted((a, b) => a - b)[1]
    if (since === undefined || now - since < TWO_ROLES_MS) return []
    return [{ person, roles: holdings.map(({ role }) => role), since }]
  })
}

/** The same in words: `ada is Incident Commander and Operations Lead; a second person helps …`. */
export const twoRolesHints = (incident: Led, now: number): string[] =>
  peopleWithTwoRoles(incident, now).map(
    ({ person, roles }) =>
      `${person} is ${joinNames(roles.map((role) => ROLE_NAMES[role]))}; with a second person each gets done`,
  )

/**
 * Whoever acknowledged first is offered to be Operations Lead, until somebody has that role or had it:
 * in a small team the first to come is who works on it.
 */
export function offeredRole(
  incident: Led,
  events: readonly IncidentEvent[],
): { role: IncidentRole; to: string } | undefined {
  const role = 'operations_lead'
  if ((incident.roles ?? []).some((holding) => holding.role === role)) return undefined
  const first = events.find(({ type }) => type === 'acknowledged')
  return first?.actor.kind === 'person' ? { role, to: first.actor.name } : undefined
}

/** What is said when somebody takes a role: the announcement, where they take command themselves. */
export function roleWords({
  role,
  person,
  from,
  actor,
}: Extract<IncidentEvent, { type: 'role_assumed' }>): string {
  const isOwnWord = actor.kind === 'person' && actor.name === person
  if (role === 'incident_commander' && isOwnWord) return COMMAND_ANNOUNCEMENT
  const before = from === undefined || from === person ? '' : ` in place of ${from}`
  return `${person} is ${ROLE_NAMES[role]}${before}.`
}
