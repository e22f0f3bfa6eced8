import type { Latency } from '../../protocol/public-api.ts'
import { useValue } from '../live/use-value.ts'
import { filterAddress, placeStore } from '../routing/location.ts'
import { columnsOf, newest, seriesWord, TOTAL } from '../words/latency-words.ts'
import { shortTime, UNKNOWN } from '../words/quantity.ts'
import { sparkPath } from '../words/spark-path.ts'
import { lineToken } from './latency-plot.ts'

const HEIGHT = 32

/** The whole and each phase, small, each in its own scale: which of them rose is seen at once. */
export function PhaseTiles(props: { latency: Latency; names: readonly string[]; chosen: string }) {
  const { latency, names, chosen } = props
  const place = useValue(placeStore)
  return (
    <nav class="phase-tiles" aria-label="Phase">
      {names.map((name) => (
        <a
          key={name}
          href={filterAddress(place, 'phase', name === TOTAL ? undefined : name)}
          aria-current={name === chosen ? 'true' : undefined}
        >
          <span class="phase-tile-name">{seriesWord(name)}</span>
          <Spark latency={latency} name={name} />
          <span class="phase-tile-value">{worstWords(latency, name)}</span>
        </a>
      ))}
    </nav>
  )
}

function Spark({ latency, name }: { latency: Latency; name: string }) {
  const lines = latency.regions.map((region) => columnsOf(region, name)?.p50 ?? [])
  const max = Math.max(...lines.flat().map((value) => value ?? 0))
  return (
    <svg
      viewBox={`0 -1 ${latency.buckets} ${HEIGHT + 2}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {lines.map((values, index) => (
        <path
          key={latency.regions[index]?.regionId}
          d={sparkPath(values, max, HEIGHT)}
          style={{ stroke: `var(${lineToken(index)})` }}
        />
      ))}
    </svg>
  )
}

/** The slowest region now: what a tile is about when something is wrong. */
function worstWords(latency: Latency, name: string): string {
  const values = latency.regions.flatMap(
    (region) => newest(columnsOf(region, name)?.p50 ?? []) ?? [],
  )
  return values.length === 0 ? UNKNOWN : shortTime(Math.max(...values))
}
