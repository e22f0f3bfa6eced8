import type { SimulatedPage, Simulation } from '../domain/on-call/simulate-escalation.ts'
import { describeMoment, wallAt } from '../domain/on-call/wall-clock.ts'
import type { OnCall, OnCallChange } from '../protocol/on-call.ts'
import type { OnCallForService, OnCallNow, OnDuty } from '../protocol/on-call-api.ts'
import { wrapWords } from './wrap-words.ts'

const MINUTE_MS = 60_000

/** Who is on call, for people at a terminal. */
export function renderWho({ at, teams }: OnCallNow, zone: string): string {
  if (teams.length === 0) return 'Nobody is on call: config/on-call.yaml names no team.\n'
  const blocks = teams.map(({ name, services, primary, secondary, lead, manager }) =>
    [
      `${name}${services.length === 0 ? '' : ` (${services.join(', ')})`}`,
      ...renderDuty('primary', primary),
      ...renderDuty('secondary', secondary),
      ...(lead === undefined ? [] : [`  lead       ${lead}`]),
      ...(manager === undefined ? [] : [`  manager    ${manager}`]),
    ].join('\n'),
  )
  return `On call at ${describeMoment(at, zone)}\n\n${blocks.join('\n\n')}\n`
}

function renderDuty(role: string, duty: OnDuty): string[] {
  const names = 'nobody' in duty ? 'nobody' : duty.people.map(({ name }) => name).join(', ')
  const reason = 'nobody' in duty ? duty.nobody : duty.reason
  return [`  ${role.padEnd(9)}  ${names}`, ...wrapWords(reason, 13)]
}

/** Who is on call for one service, and whom a round of its ladder pages. */
export function renderForService(answer: OnCallForService, zone: string): string {
  const { at, serviceId, severity, team, primary, secondary, steps } = answer
  const head = [
    `${serviceId} at ${describeMoment(at, zone)}: ${team ? team.name : 'no team'}`,
    ...renderDuty('primary', primary),
    ...renderDuty('secondary', secondary),
  ]
  if (steps.length === 0) return `${head.join('\n')}\n\n${severity} pages nobody.\n`
  const ladder = steps.flatMap(({ afterMs, people, reasons }) => [
    `  ${minutes(afterMs)}  ${people.length === 0 ? 'nobody: the next step comes at once' : people.map(({ name, contacts }) => `${name}${contacts.length === 0 ? ' (not reached)' : ` by ${contacts.join(', ')}`}`).join('; ')}`,
    ...reasons.flatMap((reason) => wrapWords(reason, 13)),
  ])
  return `${head.join('\n')}\n\n${severity}, while nobody acknowledges:\n${ladder.join('\n')}\n`
}

const minutes = (ms: number): string => `+${Math.round(ms / MINUTE_MS)} min`.padStart(9)

const kindsOf = (contacts: readonly { kind: string }[]): string =>
  contacts.map(({ kind }) => kind).join(', ')

/** A ladder that was played, minute by minute. */
export function renderSimulation(
  { steps, ends }: Simulation,
  { onCall, start, zone }: { onCall: OnCall; start: number; zone: string },
): string {
  const nameOf = (id: string) => onCall.people.find((person) => person.id === id)?.name ?? id
  const clock = (at: number) => wallAt(at, zone).toPlainTime().toString({ smallestUnit: 'minute' })
  const pageWords = ({ personId, contacts, fallbacks, isShadow }: SimulatedPage) => {
    const by = contacts.length === 0 ? '(not reached)' : `by ${kindsOf(contacts)}`
    const then = fallbacks.length === 0 ? '' : `, if that fails by ${kindsOf(fallbacks)}`
    return `${nameOf(personId)} ${by}${then}${isShadow ? ', as a shadow' : ''}`
  }
  /** Each is said where it comes first. */
  const told = new Set<string>()
  const lines = steps.map((step) => {
    const who = step.pages.map(pageWords)
    const reasons = [
      ...step.pages.map(({ because }) => because),
      ...step.nobody.map(({ reason }) => reason),
    ].filter((reason) => !told.has(reason) && told.add(reason))
    const people = who.length === 0 ? 'nobody: the next step comes at once' : who.join('; ')
    return [
      `${clock(step.at)} ${minutes(step.at - start)}  ${step.escalationId}, round ${step.round}, step ${step.step}: ${people}`,
      ...reasons.flatMap((reason) => wrapWords(reason, 17)),
    ].join('\n')
  })
  const outcomes = ends.map(({ escalationId, at, answeredBy, lastResort = [] }) => {
    const when = `${clock(at)} ${minutes(at - start)}  ${escalationId}`
    if (answeredBy !== undefined) return `${when}: ${nameOf(answeredBy)} acknowledges`
    const last = lastResort.length === 0 ? '' : `; told: ${lastResort.map(pageWords).join('; ')}`
    return `${when}: nobody has acknowledged, the page is unowned${last}`
  })
  return `${[...lines, ...outcomes].join('\n')}\n`
}

/** An override, a swap or an absence on one line. */
export function renderChange(change: OnCallChange, zone = 'UTC'): string {
  const { id, author, reason, from, until, endedAt, endedBy } = change
  const what =
    change.kind === 'absence'
      ? `${change.personId} is absent`
      : change.kind === 'swap'
        ? `${change.between.join(' and ')} swap as ${change.role} of ${change.rotationId}`
        : `${change.personId} is ${change.role} of ${change.rotationId}`
  const span = `from ${describeMoment(from, zone)} until ${describeMoment(until, zone)}`
  const ended = endedAt === undefined ? '' : `  ended ${describeMoment(endedAt, zone)} (${endedBy})`
  return `${id}  ${what} ${span}${ended}  ${author}${reason === undefined ? '' : `: ${reason}`}`
}
