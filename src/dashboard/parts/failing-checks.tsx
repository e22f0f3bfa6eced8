import type { RegionStatus } from '../../protocol/public-api.ts'
import { PATHS } from '../../protocol/public-paths.ts'
import type { IncidentFinding } from '../live/answers.ts'
import { useCheck } from '../live/use-check.ts'
import { useResource } from '../live/use-resource.ts'
import { pageAddress } from '../routing/route.ts'
import { CheckFrame } from './check-frame.tsx'
import { CheckRow } from './check-row.tsx'

/** Checks whose bars are shown; more would hide what matters. */
const CHECKS_MAX = 8

/** The checks of an incident by region over time: which fail where, and whether they recover. */
export function FailingChecks({ findings }: { findings: readonly IncidentFinding[] }) {
  const regions = useResource<{ data: RegionStatus[] }>(PATHS.regions).data?.data
  const checkIds = [...new Set(findings.flatMap((finding) => finding.checkId ?? []))]
  if (checkIds.length === 0) return null
  const regionIds = regions?.map((region) => region.regionId) ?? []
  return (
    <>
      <CheckFrame title="Now, by region" regionIds={regionIds}>
        {checkIds.slice(0, CHECKS_MAX).map((checkId) => (
          <FollowedCheck key={checkId} checkId={checkId} regionIds={regionIds} />
        ))}
      </CheckFrame>
      {checkIds.length > CHECKS_MAX && (
        <p class="quiet">
          {checkIds.length - CHECKS_MAX} more are on the page{' '}
          <a href={`${pageAddress.now()}?show=trouble`}>Now</a>.
        </p>
      )}
    </>
  )
}

function FollowedCheck(props: { checkId: string; regionIds: readonly string[] }) {
  const { data } = useCheck(props.checkId)
  if (!data) return <li class="check check-room">{props.checkId}</li>
  return <CheckRow check={data.overview} regionIds={props.regionIds} />
}
