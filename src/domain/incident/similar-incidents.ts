import type { Evidence, Incident } from '../../protocol/incident.ts'
import { SIMILAR_SHOWN_MAX, type SimilarIncident } from '../../protocol/triage-card.ts'
import { normalizeMessage } from '../failure/failure-signature.ts'

/** A past incident with what people wrote on it, the newest note first. */
export type PastIncident = { incident: Incident; notes: readonly { by: string; text: string }[] }

type Likeness = SimilarIncident['alike'][number]

/** A failure that is the same in its words says more than the step, and that more than the check. */
const WEIGHT: { readonly [L in Likeness]: number } = { failure: 4, step: 2, check: 1 }

/**
 * The past incidents that are most like this one, and what people said ended them. The newest of those
 * that are equally alike come first; the past ones must come in that order.
 */
export function similarIncidents(
  incident: Incident,
  past: readonly PastIncident[],
): SimilarIncident[] {
  const own = traits(incident)
  return past
    .filter((candidate) => candidate.incident.id !== incident.id)
    .map((candidate) => ({ candidate, alike: likeness(own, traits(candidate.incident)) }))
    .filter(({ alike }) => alike.length > 0)
    .toSorted((a, b) => weigh(b.alike) - weigh(a.alike))
    .slice(0, SIMILAR_SHOWN_MAX)
    .map(({ candidate, alike }) => describe(candidate, alike))
}

type Traits = { [L in Likeness]: Set<string> }

function traits({ findings }: Incident): Traits {
  const evidence = findings.flatMap((finding) => finding.evidence)
  return {
    failure: new Set(evidence.map(failureOf)),
    step: new Set(
      evidence.flatMap(({ checkId, step }) => (step === undefined ? [] : [`${checkId} ${step}`])),
    ),
    check: new Set(findings.map(({ key }) => key)),
  }
}

/** What a failure looks like without what differs each time: numbers, addresses, ids. */
const failureOf = ({ errorType, message, step }: Evidence) =>
  `${errorType ?? ''} ${step ?? ''} ${normalizeMessage(message.split('\n', 1)[0] ?? '')}`

const likeness = (own: Traits, other: Traits): Likeness[] =>
  (['failure', 'step', 'check'] as const).filter(
    (trait) => !own[trait].isDisjointFrom(other[trait]),
  )

const weigh = (alike: readonly Likeness[]) => alike.reduce((sum, trait) => sum + WEIGHT[trait], 0)

function describe({ incident, notes }: PastIncident, alike: Likeness[]): SimilarIncident {
  const { id, title, severity, state, openedAt, impactStartedAt, recoveredAt } = incident
  const { resolved, mitigated, mitigations = [] } = incident
  const worked = mitigations.filter(({ effect }) => effect?.verdict === 'worked')
  return {
    incidentId: id,
    title,
    severity,
    state,
    openedAt,
    ...(recoveredAt !== undefined && { impactMs: Math.max(0, recoveredAt - impactStartedAt) }),
    alike,
    fixedBy: [
      ...(resolved?.as === 'cause_fixed'
        ? [{ from: 'cause' as const, by: resolved.by, text: resolved.reason }]
        : []),
      ...(mitigated
        ? [{ from: 'mitigation' as const, by: mitigated.by, text: mitigated.note }]
        : []),
      ...worked.map(({ kind, what, by, effect }) => ({
        ...{ from: 'mitigation' as const, by },
        text: `${kind}: ${what} (${effect?.words})`,
      })),
      ...notes.map(({ by, text }) => ({ from: 'note' as const, by, text })),
    ],
  }
}
