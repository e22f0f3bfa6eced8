import { useState } from 'preact/hooks'
import type { Latency, LiveEvent } from '../../protocol/public-api.ts'
import { addressOf, PATHS } from '../../protocol/public-paths.ts'
import { useResource } from '../live/use-resource.ts'
import { useFilter } from '../routing/use-filter.ts'
import { seriesNames, TOTAL } from '../words/latency-words.ts'
import { slowerSentence } from '../words/slower-since.ts'
import { TIME_RANGES, timeRange } from '../words/time-ranges.ts'
import { FilterLinks } from './filter-links.tsx'
import { LatencyChart } from './latency-chart.tsx'
import { LatencyReadout } from './latency-readout.tsx'
import { LatencyTable } from './latency-table.tsx'
import { LoadNotice } from './load-notice.tsx'
import { PhaseTiles } from './phase-tiles.tsx'
import { Skeleton } from './skeleton.tsx'

/** Loaded again after a run at most so often: the newest bucket changes slowly. */
const RELOAD_GAP_MS = 10_000

/** Which phase got slow, where, and since when. */
export function LatencySection(props: { checkId: string; regionIds: readonly string[] }) {
  const { checkId, regionIds } = props
  const range = timeRange(useFilter('range'))
  const region = regionIds.find((known) => known === useFilter('region'))
  const query = { region, since: -range.reachMs, buckets: range.buckets }
  const resource = useResource<Latency>(addressOf(PATHS.latency, { checkId }, query), {
    reloadGapMs: (event: LiveEvent) =>
      event.type === 'slot' && event.checkId === checkId
        ? Math.max(RELOAD_GAP_MS, range.reachMs / range.buckets / 4)
        : undefined,
  })
  const latency = resource.data
  return (
    <section aria-label="Latency">
      <div class="toolbar">
        <h2>How long it took</h2>
        <FilterLinks label="Time range" name="range" options={TIME_RANGES} />
        {regionIds.length > 1 && (
          <FilterLinks
            label="Region of the whole page"
            name="region"
            options={[
              { value: 'all', text: 'all regions' },
              ...regionIds.map((value) => ({ value, text: value })),
            ]}
          />
        )}
      </div>
      <LoadNotice resource={resource} />
      {latency ? (
        <LatencyContent latency={latency} regionIds={regionIds} />
      ) : (
        !resource.problem && <Skeleton rows={9} label="Loading the latencies" />
      )}
    </section>
  )
}

function LatencyContent(props: { latency: Latency; regionIds: readonly string[] }) {
  const { latency, regionIds } = props
  const names = seriesNames(latency)
  const wanted = useFilter('phase')
  const name = names.find((known) => known === wanted) ?? TOTAL
  const [pointedAt, setPointedAt] = useState<number>()
  return (
    <div class="card latency">
      <p>{slowerSentence(latency)}</p>
      {names.length > 1 && <PhaseTiles latency={latency} names={names} chosen={name} />}
      <LatencyChart latency={latency} name={name} pointedAt={pointedAt} onPoint={setPointedAt} />
      <LatencyReadout latency={latency} name={name} pointedAt={pointedAt} regionIds={regionIds} />
      <LatencyTable latency={latency} name={name} />
    </div>
  )
}
