import type { Incident } from '../../protocol/incident.ts'
import type { StatusPage } from '../../protocol/status-page.ts'
import { openFindings } from '../incident/moves.ts'

/**
 * The components that an incident concerns, in the order of the page: by the checks that fail where a
 * component names checks, else by the services. Of one without open findings, all it ever had count.
 */
export function componentsOf(
  incident: Pick<Incident, 'findings' | 'serviceId'>,
  { components }: Pick<StatusPage, 'components'>,
): StatusPage['components'] {
  const open = openFindings(incident)
  const findings = open.length > 0 ? open : incident.findings
  const services = new Set([
    ...(findings.length === 0 ? [incident.serviceId] : []),
    ...findings.map((finding) => finding.serviceId ?? incident.serviceId),
  ])
  const checks = findings.flatMap(({ checkId }) => checkId ?? [])
  return components.filter((component) => {
    if (!component.services.some((service) => services.has(service))) return false
    // What is no check's concerns the whole service.
    const isWhole = findings.length === 0 || findings.some(({ checkId }) => checkId === undefined)
    return (
      component.checks === undefined ||
      isWhole ||
      component.checks.some((check) => checks.includes(check))
    )
  })
}
