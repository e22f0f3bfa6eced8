import type { Finding } from '../../protocol/incident.ts'
import { layerOf } from '../../protocol/layer-of.ts'
import type {
  Duty,
  Ladder,
  LadderStep,
  OnCall,
  PageTarget,
  ResponderRule,
  Team,
} from '../../protocol/on-call.ts'
import type { LogPatternName } from '../../protocol/query.ts'
import type { Severity } from '../../protocol/severity.ts'

/** One ladder that an incident sets off, with every target known; who that is then is asked at each step. */
export type Escalation = {
  /** `team:<id>`, `responder:<id>`, or `unowned` for services of no team. */
  id: string
  as: 'page' | 'notice'
  /** A person asked for it: it is gone through once, whoever has the incident. */
  isOnce?: true
  /** Why these people, in words. */
  because: string
  /** A step that pages nobody is passed at once. */
  ladder: Ladder<Duty>
}

/** A query of our own, as far as it tells what kind of lines a finding is made of. */
export type LogQuery = { id: string; pattern?: LogPatternName | undefined }

/** An incident, as far as it matters to who is told. */
export type PageableIncident = {
  severity: Severity
  /** The service that it is about, and those of its findings. */
  services: readonly string[]
  findings: readonly Pick<Finding, 'key' | 'kind' | 'layer' | 'subject' | 'reason' | 'serviceId'>[]
}

/**
 * Whom an incident goes to: the team that owns each of its services, by the ladder of its severity,
 * and whoever a responder rule adds by what is wrong. Severities whose ladder has no steps page nobody.
 */
export function escalationsFor(
  onCall: OnCall,
  incident: PageableIncident,
  queries: readonly LogQuery[] = [],
): Escalation[] {
  const ladder = onCall.ladders[incident.severity]
  const owners = new Map<Team | undefined, string[]>()
  for (const service of incident.services) {
    const team = teamOf(onCall, service)
    owners.set(team, [...(owners.get(team) ?? []), service])
  }
  const byTeam = [...owners].map(([team, services]): Escalation => {
    const what = `${services.join(', ')} at ${incident.severity}`
    return {
      id: team ? `team:${team.id}` : 'unowned',
      as: 'page',
      because: team ? `${team.name} is the team of ${what}` : `no team owns ${what}`,
      ladder: { ...ladder, steps: ladder.steps.map((step) => forTeam(step, team)) },
    }
  })
  const byRule = onCall.responders
    .filter((rule) => applies(rule, incident, queries))
    .map(
      ({ id, as, because, ladder }): Escalation => ({
        id: `responder:${id}`,
        ...{ as, because, ladder },
      }),
    )
  return [...byTeam.filter((one) => one.ladder.steps.length > 0), ...byRule]
}

/** The team that owns a service, or has those that nobody owns. */
export const teamOf = ({ teams, otherwise }: OnCall, serviceId: string): Team | undefined =>
  teams.find(({ services }) => services.includes(serviceId)) ??
  teams.find(({ id }) => id === otherwise)

function forTeam(step: LadderStep, team: Team | undefined): LadderStep<Duty> {
  const dutyOf = (target: PageTarget): Duty[] => {
    if (target.kind !== 'owner') return [target]
    return team ? [{ kind: 'team', teamId: team.id, role: target.role }] : []
  }
  return { ...step, page: step.page.flatMap(dutyOf) }
}

function applies(
  { when }: ResponderRule,
  { severity, services, findings }: PageableIncident,
  queries: readonly LogQuery[],
): boolean {
  if (when.severities && !when.severities.includes(severity)) return false
  const { finding: kind, layer, pattern, says } = when
  const asksForFinding = kind !== undefined || layer !== undefined || pattern !== undefined || says
  if (!asksForFinding)
    return when.services === undefined || when.services.some((id) => services.includes(id))
  return findings.some((finding) => {
    const its = finding.serviceId === undefined ? services : [finding.serviceId]
    return (
      (when.services === undefined || when.services.some((id) => its.includes(id))) &&
      (kind === undefined || finding.kind === kind) &&
      (layer === undefined || layerOf(finding) === layer) &&
      (pattern === undefined || patternOf(finding, queries) === pattern) &&
      (says === undefined || says.some((words) => isSaid(words, finding)))
    )
  })
}

const patternOf = ({ key }: { key: string }, queries: readonly LogQuery[]) =>
  queries.find(({ id }) => key.startsWith(`signal:query-${id}:`))?.pattern

const isSaid = (words: string, { subject, reason }: { subject: string; reason: string }) =>
  `${subject}\n${reason}`.toLowerCase().includes(words.toLowerCase())
