import type { CheckKind } from '../../protocol/check.ts'
import type { Fleet } from '../../protocol/config.ts'
import type { Incident, KnownFinding } from '../../protocol/incident.ts'
import { layerOf } from '../../protocol/layer-of.ts'
import type { Runbook, RunbookBinding } from '../../protocol/runbook.ts'
import { openFindings } from '../incident/moves.ts'

type KnownFleet = Pick<Fleet, 'runbooks' | 'checks'>

/** The most exact first: a runbook of the very check tells more than one of its whole service. */
const EXACTNESS = ['checks', 'queries', 'findings', 'layers', 'kinds', 'services'] as const
type Binding = (typeof EXACTNESS)[number]

/** A runbook with why it is shown, in words: `it is for the check orders-api`. */
export type BoundRunbook = { runbook: Runbook; because: string }

/**
 * The runbooks for what is wrong with an incident, the most exact first; of an incident without open
 * findings, those for all it ever had.
 */
export function runbooksFor(
  incident: Pick<Incident, 'findings' | 'serviceId'>,
  { runbooks = [], checks }: KnownFleet,
): BoundRunbook[] {
  const open = openFindings(incident)
  const findings = open.length > 0 ? open : incident.findings
  const bound = runbooks.flatMap((runbook) => {
    const ways = findings.flatMap((finding) => {
      const kind = checks.find(({ id }) => id === finding.checkId)?.kind
      return waysTo(runbook.binding, finding, kind, incident.serviceId)
    })
    // What a person declared has no finding; its service has runbooks all the same.
    if (findings.length === 0 && runbook.binding.services?.includes(incident.serviceId))
      ways.push({ rank: EXACTNESS.length, because: becauseOf('services', incident.serviceId) })
    const [best] = ways.toSorted((a, b) => a.rank - b.rank)
    return best ? [{ runbook, ...best }] : []
  })
  return bound
    .toSorted((a, b) => a.rank - b.rank || (a.runbook.id < b.runbook.id ? -1 : 1))
    .map(({ runbook, because }) => ({ runbook, because }))
}

/** The first thing to do about an incident, and where the rest of it stands; undefined without a runbook. */
export function firstRunbookStep(
  incident: Pick<Incident, 'findings' | 'serviceId'>,
  fleet: KnownFleet,
): { runbookId: string; title: string; step: string; path: string } | undefined {
  const [first] = runbooksFor(incident, fleet)
  if (!first) return undefined
  const { id, title, steps } = first.runbook
  return { runbookId: id, title, step: steps[0]?.what ?? title, path: runbookPath(id) }
}

/** Where a runbook stands below the coordinator's address. */
export const runbookPath = (runbookId: string): string =>
  `/runbooks/${encodeURIComponent(runbookId)}`

/** True when an alert of the check would show at least one of the runbooks. */
export const isCovered = (
  check: { id: string; kind: CheckKind; serviceId: string },
  runbooks: readonly Pick<Runbook, 'binding'>[],
): boolean =>
  runbooks.some(
    ({ binding }) =>
      waysTo(
        binding,
        { kind: 'check_failing', key: `check:${check.id}`, checkId: check.id },
        check.kind,
        check.serviceId,
      ).length > 0,
  )

type Way = { rank: number; because: string }

function waysTo(
  binding: RunbookBinding,
  finding: Pick<KnownFinding, 'kind' | 'key' | 'layer' | 'checkId' | 'serviceId'>,
  kind: CheckKind | undefined,
  incidentService: string,
): Way[] {
  const names: { readonly [B in Binding]: string | undefined } = {
    checks: finding.checkId,
    queries: queryOf(finding.key),
    findings: finding.kind,
    layers: layerOf(finding),
    kinds: kind,
    services: finding.serviceId ?? incidentService,
  }
  return EXACTNESS.flatMap((part, rank) => {
    const name = names[part]
    const bound: readonly string[] = binding[part] ?? []
    return name !== undefined && bound.includes(name)
      ? [{ rank, because: becauseOf(part, name) }]
      : []
  })
}

/** A finding of a query has the key `signal:query-<id>:…`. */
const queryOf = (key: string): string | undefined => /^signal:query-([^:]+):/.exec(key)?.[1]

function becauseOf(part: Binding, name: string): string {
  const words = name.replaceAll('_', ' ')
  switch (part) {
    case 'checks':
      return `it is for the check ${name}`
    case 'queries':
      return `it is for the query ${name}`
    case 'findings':
      return `it is for findings of the kind "${words}"`
    case 'layers':
      return `it is for what ${words} show`
    case 'kinds':
      return `it is for checks of the kind ${name}`
    case 'services':
      return `it is for the service ${name}`
  }
}
