import type { CheckOverview } from '../../protocol/public-api.ts'
import { watchedRegions } from '../words/region-standing.ts'
import { CheckFrame } from './check-frame.tsx'
import { CheckRow } from './check-row.tsx'

/** Checks by region, as a table would show them; on a phone one check a card. */
export function CheckList(props: {
  title: string
  checks: readonly CheckOverview[]
  /** In the order of the columns; those that watch none of the checks are left out. */
  regionIds: readonly string[]
}) {
  const { title, checks, regionIds } = props
  const watched = watchedRegions(checks, regionIds)
  return (
    <CheckFrame title={title} regionIds={watched}>
      {checks.map((check) => (
        <CheckRow key={check.checkId} check={check} regionIds={watched} />
      ))}
    </CheckFrame>
  )
}
