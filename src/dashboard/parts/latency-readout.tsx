import type { Latency } from '../../protocol/public-api.ts'
import { coordinatorNow } from '../live/coordinator-time.ts'
import { bucketWords, columnsOf, newest } from '../words/latency-words.ts'
import { momentWords } from '../words/time-words.ts'
import { lineToken } from './latency-plot.ts'

/** Which line is which, with the values where the chart is pointed at, else the newest ones. */
export function LatencyReadout(props: {
  latency: Latency
  name: string
  pointedAt: number | undefined
  regionIds: readonly string[]
}) {
  const { latency, name, pointedAt } = props
  const start = pointedAt === undefined ? undefined : latency.since + pointedAt * latency.bucketMs
  return (
    <div class="latency-readout" aria-hidden="true">
      <p class="quiet">
        {start === undefined
          ? 'Newest values. Line: half of the runs took no longer; dashes: 95 % of them. A gap: nothing ran. Red below: runs failed.'
          : `From ${momentWords(start, coordinatorNow())} until ${momentWords(start + latency.bucketMs, coordinatorNow())}`}
      </p>
      <ul>
        {latency.regions.map((region, index) => {
          const { value, counts } = bucketWords(
            region,
            name,
            pointedAt ?? newestIndex(region, name),
          )
          return (
            <li key={region.regionId}>
              <span class="line-mark" style={{ background: `var(${lineToken(index)})` }} />
              <strong>{region.regionId}</strong>
              <span>{value}</span>
              {counts && <span class="quiet">{counts}</span>}
            </li>
          )
        })}
      </ul>
    </div>
  )
}

function newestIndex(region: Latency['regions'][number], name: string): number {
  const values = columnsOf(region, name)?.p50 ?? []
  return newest(values) === undefined
    ? region.runs.length - 1
    : values.findLastIndex((value) => value !== null)
}
