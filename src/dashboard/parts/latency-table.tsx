import type { Latency } from '../../protocol/public-api.ts'
import { coordinatorNow } from '../live/coordinator-time.ts'
import { bucketWords, seriesWord } from '../words/latency-words.ts'
import { momentWords } from '../words/time-words.ts'

/** The chart as a table, newest first, for whoever reads rather than looks. */
export function LatencyTable({ latency, name }: { latency: Latency; name: string }) {
  const rows = Array.from({ length: latency.buckets }, (_, index) => latency.buckets - 1 - index)
  const now = coordinatorNow()
  return (
    <details class="latency-table">
      <summary>The same as a table</summary>
      <table class="stacking">
        <caption class="unseen">{`Latency: ${seriesWord(name)}`}</caption>
        <thead>
          <tr>
            <th scope="col">from</th>
            {latency.regions.map(({ regionId }) => (
              <th key={regionId} scope="col">
                {regionId}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((index) => (
            <tr key={index}>
              <th scope="row">{momentWords(latency.since + index * latency.bucketMs, now)}</th>
              {latency.regions.map((region) => {
                const { value, counts } = bucketWords(region, name, index)
                return (
                  <td key={region.regionId} data-label={region.regionId}>
                    {value}
                    {counts && <span class="quiet"> ({counts})</span>}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}
