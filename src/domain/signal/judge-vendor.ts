import type { VendorImpact } from '../../protocol/signal.ts'

/** What a vendor's status page says, as far as it matters. */
export type VendorPage = {
  components: { name: string; status: string; isGroup: boolean }[]
  incidents: {
    name: string
    status: string
    impact: string
    link?: string | undefined
    /** Epoch milliseconds. */
    startedAt?: number | undefined
    /** Names of the components that it touches. */
    touches: string[]
  }[]
}

export type VendorVerdict =
  | { kind: 'fine'; reason: string }
  | {
      kind: 'troubled'
      impact: VendorImpact
      subject: string
      reason: string
      link?: string
      /** When the first of its incidents began; absent where only components tell. */
      since?: number
    }
  | { kind: 'unknown'; reason: string }

const COMPONENT_IMPACTS: Record<string, VendorImpact | undefined> = {
  degraded_performance: 'minor',
  under_maintenance: 'minor',
  partial_outage: 'major',
  major_outage: 'critical',
}
const INCIDENT_IMPACTS: Record<string, VendorImpact | undefined> = {
  major: 'major',
  critical: 'critical',
}
const OVER = ['resolved', 'postmortem', 'completed']
const ORDER: readonly VendorImpact[] = ['critical', 'major', 'minor']

/** Names in the subject before it only counts. */
const NAMES_SHOWN_MAX = 3

/**
 * Decides whether a vendor has trouble with what we use of it: a component that is not operational, or
 * an incident that is not over and touches one. A component that the page does not name is unknown,
 * and so is the vendor then, unless others tell of trouble.
 *
 * @param chosen components as the page names them; everything when absent.
 */
export function judgeVendor(page: VendorPage, chosen?: readonly string[]): VendorVerdict {
  const isChosen = (name: string) => chosen === undefined || chosen.includes(name)
  // A group says what its members say; unless it is what was chosen, that is once too often.
  const components = page.components.filter(
    ({ name, isGroup }) => isChosen(name) && (chosen !== undefined || !isGroup),
  )
  const broken = components.filter(({ status }) => status !== 'operational')
  const incidents = page.incidents.filter(
    ({ status, touches }) =>
      !OVER.includes(status) && (chosen === undefined || touches.some(isChosen)),
  )

  if (broken.length === 0 && incidents.length === 0) {
    const missing = chosen?.filter((name) => !page.components.some((one) => one.name === name))
    if (missing && missing.length > 0)
      return { kind: 'unknown', reason: `the page names no component ${missing.join(', ')}` }
    return { kind: 'fine', reason: 'its status page says that all is well' }
  }
  const impacts = [
    ...broken.map(({ status }) => COMPONENT_IMPACTS[status] ?? 'minor'),
    ...incidents.map(({ impact }) => INCIDENT_IMPACTS[impact] ?? 'minor'),
  ]
  const said = [
    ...broken.map(({ name, status }) => `${name}: ${status.replaceAll('_', ' ')}`),
    ...incidents.map(({ name }) => name),
  ]
  const more = said.length - NAMES_SHOWN_MAX
  const [link] = incidents.flatMap((incident) => incident.link ?? [])
  const starts = incidents.flatMap(({ startedAt }) => startedAt ?? [])
  return {
    kind: 'troubled',
    impact: ORDER.find((impact) => impacts.includes(impact)) ?? 'minor',
    subject: `${said.slice(0, NAMES_SHOWN_MAX).join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
    reason: [
      ...broken.map(({ name, status }) => `${name}: ${status.replaceAll('_', ' ')}`),
      ...incidents.map(({ name, status, impact }) => `“${name}” (${status}, impact ${impact})`),
    ].join('; '),
    ...(link !== undefined && { link }),
    ...(starts.length > 0 && { since: Math.min(...starts) }),
  }
}
