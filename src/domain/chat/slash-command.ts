import { describeDuration } from '../../base/duration.ts'
import { nearestName } from '../../base/nearest-name.ts'
import type { Incident } from '../../protocol/incident.ts'
import type { HeldRole, OnCallNow, OnCallShift } from '../../protocol/on-call-api.ts'
import { joinNames } from '../join-names.ts'
import { describeMoment } from '../on-call/wall-clock.ts'

/** What people ask of us in a chat, and the words they are answered with; plain text, for any chat. */
export type ChatCommand =
  | { kind: 'report'; service: string; words: string }
  /** Of every team where nothing is named. */
  | { kind: 'on_call'; name: string | undefined }
  | { kind: 'incidents' }
  /** With what was not understood. */
  | { kind: 'help'; unknown?: string }

const VERBS = ['report', 'oncall', 'incidents', 'help'] as const

/** Reads what was typed after the command's name. */
export function readChatCommand(text: string): ChatCommand {
  const [, verb = '', first = '', rest = ''] = /^\s*(\S*)\s*(\S*)\s*([\s\S]*)$/.exec(text) ?? []
  switch (verb.toLowerCase()) {
    case 'report':
      return first === '' || rest.trim() === ''
        ? { kind: 'help', unknown: 'report wants a service and what does not work' }
        : { kind: 'report', service: first, words: rest.trim() }
    case 'oncall':
    case 'on-call': {
      const name = `${first} ${rest}`.trim()
      return { kind: 'on_call', name: name === '' ? undefined : name }
    }
    case 'incidents':
      return { kind: 'incidents' }
    case '':
    case 'help':
      return { kind: 'help' }
    default: {
      const near = nearestName(verb, VERBS)
      const meant = near === undefined ? '' : `; did you mean ${near}?`
      return { kind: 'help', unknown: `“${cut(verb)}” is nothing that can be asked${meant}` }
    }
  }
}

/** What can be asked. */
export const helpWords = (command: string, unknown?: string): string =>
  [
    ...(unknown === undefined ? [] : [`${unknown}.`]),
    `${command} report <service> <what does not work>: several reports soon after each other are a signal`,
    `${command} oncall <team or service>: who is on call now, until when, and who is next`,
    `${command} incidents: what is open`,
  ].join('\n')

/** Names listed where somebody typed one that is not there. */
const NAMES_SHOWN_MAX = 20
/** Of what was typed, as much is said back. */
const TYPED_SHOWN_MAX = 60

const cut = (typed: string) =>
  typed.length <= TYPED_SHOWN_MAX ? typed : `${typed.slice(0, TYPED_SHOWN_MAX - 1)}…`

/** Says that a name is not there, what could have been meant, and what there is. */
export function unknownName(what: string, typed: string, known: readonly string[]): string {
  const near = nearestName(typed, known)
  const shown = known.slice(0, NAMES_SHOWN_MAX)
  const more = known.length - shown.length
  const list =
    known.length === 0
      ? 'there is none'
      : `there ${known.length === 1 ? 'is' : 'are'} ${more > 0 ? `${shown.join(', ')} and ${more} more` : joinNames(shown)}`
  return `No ${what} is called “${cut(typed)}”${near === undefined ? '' : `; did you mean ${near}?`}${near === undefined ? ': ' : ' In all, '}${list}.`
}

/** Finds a thing by its id or name, whatever the case. */
export const byName = <T extends { id: string; name: string }>(
  things: readonly T[],
  typed: string,
): T | undefined => {
  const wanted = typed.trim().toLowerCase()
  return things.find(({ id, name }) => id === wanted || name.toLowerCase() === wanted)
}

/** What becomes of a report, for whoever made it. */
export const reportedWords = (
  service: string,
  { count, needed, withinMs }: { count: number; needed: number; withinMs: number },
): string =>
  `Taken down for ${service}: ${count} ${count === 1 ? 'report' : 'reports'} within ${describeDuration(withinMs)}; ${
    count >= needed
      ? 'that is a signal, and people are told as its severity asks'
      : `${needed} are a signal`
  }.`

/** Teams told at once. */
const TEAMS_SHOWN_MAX = 20

/**
 * Who is on call for a team, or for the team that owns a service; for every team where nothing is named.
 *
 * @param otherwise the team of services that no team owns.
 */
export function onCallWords(
  told: OnCallNow,
  services: readonly { id: string; name: string }[],
  typed: string | undefined,
  otherwise?: string,
): string {
  const { teams } = told
  if (teams.length === 0) return 'Nobody is on call: config/on-call.yaml names no team.'
  if (typed === undefined) {
    const shown = teams.slice(0, TEAMS_SHOWN_MAX)
    const more = teams.length - shown.length
    return [
      ...shown.map((team) => teamWords(told, team)),
      ...(more > 0 ? [`and ${more} more`] : []),
    ].join('\n')
  }
  const team = byName(teams, typed)
  if (team) return teamWords(told, team)
  const service = byName(services, typed)
  if (!service)
    return unknownName(
      'team or service',
      typed,
      [...teams, ...services].map(({ id }) => id),
    )
  const owner =
    teams.find((one) => one.services.includes(service.id)) ??
    teams.find(({ id }) => id === otherwise)
  return owner
    ? `${service.name} is of ${teamWords(told, owner)}`
    : `No team owns ${service.name}, and none is named for what no team owns.`
}

function teamWords(told: OnCallNow, { id, name }: OnCallNow['teams'][number]): string {
  const rotations = told.rotations.filter(({ teamId }) => teamId === id)
  if (rotations.length === 0) return `${name}: it has no rotation.`
  const each = rotations.map(({ now, next, zone, name: rotation }) => {
    const own = rotations.length === 1 ? '' : `${rotation}: `
    const behind = heldName(told, now.secondary)
    return [
      `${own}${heldName(told, now.primary) ?? 'nobody'} until ${describeMoment(now.until, zone)}`,
      ...(behind === undefined ? [] : [`behind them ${behind}`]),
      next === undefined ? 'and nothing changes within a year' : `then ${nextWords(told, next)}`,
    ].join(', ')
  })
  return `${name}: ${each.join('; ')}.`
}

const nextWords = (told: OnCallNow, { primary, secondary }: OnCallShift): string => {
  const behind = heldName(told, secondary)
  return `${heldName(told, primary) ?? 'nobody'}${behind === undefined ? '' : ` with ${behind} behind them`}`
}

const heldName = ({ people }: OnCallNow, held: HeldRole | undefined): string | undefined =>
  held && 'personId' in held
    ? (people.find(({ id }) => id === held.personId)?.name ?? held.personId)
    : undefined

/** Incidents told at once. */
export const INCIDENTS_SHOWN_MAX = 15
const HEADLINE_LENGTH_MAX = 160

/** The open incidents, the worst first, each with its page. */
export function incidentsWords(
  open: readonly (Pick<Incident, 'id' | 'severity' | 'state' | 'openedAt' | 'acknowledged'> & {
    headline: string
  })[],
  { now, total, linkTo }: { now: number; total: number; linkTo(id: string): string },
): string {
  if (total === 0) return 'No incident is open.'
  const shown = open
    .toSorted((a, b) => a.severity.localeCompare(b.severity) || a.openedAt - b.openedAt)
    .slice(0, INCIDENTS_SHOWN_MAX)
  const more = total - shown.length
  return [
    `${total} ${total === 1 ? 'incident is' : 'incidents are'} open:`,
    ...shown.map(({ id, severity, state, openedAt, acknowledged, headline }) => {
      const minutes = Math.floor(Math.max(0, now - openedAt) / 60_000) * 60_000
      const age = minutes === 0 ? 'just now' : `for ${describeDuration(minutes)}`
      const who = acknowledged ? `, ${acknowledged.by} has it` : ', nobody has it'
      const words =
        headline.length <= HEADLINE_LENGTH_MAX
          ? headline
          : `${headline.slice(0, HEADLINE_LENGTH_MAX - 1)}…`
      return `${severity} ${id} ${state} ${age}${who}: ${words} ${linkTo(id)}`
    }),
    ...(more > 0 ? [`and ${more} more`] : []),
  ].join('\n')
}
