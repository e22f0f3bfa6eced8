import { useMemo } from 'preact/hooks'
import { describeDuration } from '../../base/duration.ts'
import type { CheckOverview } from '../../protocol/public-api.ts'
import { pageAddress } from '../routing/route.ts'
import { standingOf } from '../words/region-standing.ts'
import { Moment } from './moment.tsx'
import { SlotBar } from './slot-bar.tsx'
import { SlotTable } from './slot-table.tsx'
import { StandingMark } from './standing-mark.tsx'

type CheckRowProps = { check: CheckOverview; regionIds: readonly string[] }

/**
 * A check with a bar for each region. Columns are the given regions, so that rows line up.
 *
 * Drawn again only when its own check changed: events come several times a second, each for one of
 * perhaps a thousand rows.
 */
export function CheckRow({ check, regionIds }: CheckRowProps) {
  return useMemo(
    () => <CheckRowDrawing check={check} regionIds={regionIds} />,
    [check, regionIds.join()],
  )
}

function CheckRowDrawing({ check, regionIds }: CheckRowProps) {
  const { alert } = check
  return (
    <li class={`check check-${alert.state}`} data-check={check.checkId}>
      <div class="check-head">
        <a class="check-name" href={pageAddress.check(check.checkId)}>
          {check.name}
        </a>
        <span class="quiet check-kind">{check.kind}</span>
      </div>
      <RegionCells check={check} regionIds={regionIds} />
      {alert.state !== 'quiet' && (
        <p class="check-reason">
          <strong class={alert.state === 'firing' ? 'tone-failed' : 'tone-degraded'}>
            {alert.state}
          </strong>{' '}
          since <Moment at={alert.since} />: {alert.reason}
          {alert.suppressed && (
            <span class="tone-degraded">. Told to nobody: {alert.suppressed.reason}</span>
          )}
        </p>
      )}
      <SlotTable check={check} />
    </li>
  )
}

/** A job that calls is measured in no region: its one bar has the row to itself. */
function RegionCells({ check, regionIds }: CheckRowProps) {
  const [only] = check.regions
  if (check.kind === 'heartbeat' && only)
    return (
      <div class="job-cell">
        <RegionCell check={check} regionId={only.regionId} />
      </div>
    )
  return regionIds.map((regionId) => (
    <RegionCell key={regionId} check={check} regionId={regionId} />
  ))
}

function RegionCell({ check, regionId }: { check: CheckOverview; regionId: string }) {
  const region = check.regions.find((candidate) => candidate.regionId === regionId)
  const standing = standingOf(check, regionId)
  return (
    <div class={`region-cell${region ? '' : ' region-cell-empty'}`} data-region={regionId}>
      <span class="region-name">{regionId}</span>
      {region && <SlotBar subject={`${check.name} in ${regionId}`} slots={region.slots} />}
      <StandingMark standing={standing} />
      {region && (
        <span class="quiet duration" title="Median duration of the runs in the bar">
          {region.durationMsP50 === undefined ? '–' : describeDuration(region.durationMsP50)}
        </span>
      )}
    </div>
  )
}
