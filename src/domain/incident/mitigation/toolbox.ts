import type { Incident } from '../../../protocol/incident.ts'
import type { Mitigation } from '../../../protocol/mitigation.ts'
import type { TriageCard } from '../../../protocol/triage-card.ts'

type Tool = NonNullable<TriageCard['toolbox']>[number]
type Verdict = NonNullable<Mitigation['effect']>['verdict']

/** Tools that a card shows. */
const TOOLS_SHOWN_MAX = 5

/** What worked comes first; what made it worse is shown as well, so that nobody does it again. */
const RANK: { readonly [V in Verdict]: number } = {
  worked: 0,
  helped: 1,
  unknown: 2,
  no_effect: 3,
  worse: 4,
}

/**
 * What was done about incidents like this one, in the order in which to reach for it: what ended the
 * failing, the fastest first. Of the same thing done several times the newest counts.
 *
 * @param past incidents that are alike, the newest first.
 */
export function toolboxOf(past: readonly Pick<Incident, 'id' | 'mitigations'>[]): Tool[] {
  const tools = new Map<string, Tool>()
  for (const { id, mitigations = [] } of past)
    for (const { kind, what, target, effect, undone } of mitigations.toReversed()) {
      if (!effect) continue
      const key = `${kind}\n${target ?? ''}\n${what}`
      if (tools.has(key)) continue
      tools.set(key, {
        incidentId: id,
        kind,
        what,
        ...(target !== undefined && { target }),
        verdict: effect.verdict,
        words: effect.words,
        ...(effect.tookMs !== undefined && { tookMs: effect.tookMs }),
        ...(undone && { isUndone: true }),
      })
    }
  return [...tools.values()]
    .toSorted(
      (a, b) =>
        RANK[a.verdict] - RANK[b.verdict] ||
        (a.tookMs ?? Number.MAX_SAFE_INTEGER) - (b.tookMs ?? Number.MAX_SAFE_INTEGER),
    )
    .slice(0, TOOLS_SHOWN_MAX)
}
