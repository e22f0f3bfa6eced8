import type { IncidentMatrix as Matrix } from '../../protocol/incident-matrix.ts'
import type { LiveEvent } from '../../protocol/public-api.ts'
import { addressOf, BAR_SLOTS, PATHS } from '../../protocol/public-paths.ts'
import { RELOAD_GAP_MS, useResource } from '../live/use-resource.ts'
import { pageAddress } from '../routing/route.ts'
import { cellWords } from '../words/matrix-words.ts'
import { CheckFrame } from './check-frame.tsx'
import { Moment } from './moment.tsx'
import { SlotStrip } from './slot-strip.tsx'

/** Region by check over the incident's time: where it began, how it spread, what stayed well. */
export function IncidentMatrix({ incidentId }: { incidentId: string }) {
  const { data } = useResource<Matrix>(addressOf(PATHS.incidentMatrix, { incidentId }), {
    reloadGapMs: (event: LiveEvent) =>
      event.type === 'incident' && event.incidentId === incidentId ? RELOAD_GAP_MS : undefined,
  })
  if (!data || data.checks.length === 0) return null
  const regionIds = [
    ...new Set(data.checks.flatMap(({ regions }) => regions.map(({ regionId }) => regionId))),
  ]
  return (
    <>
      <CheckFrame title="Region by check, over the incident" regionIds={regionIds}>
        {data.checks.map((check) => (
          <MatrixRow key={check.checkId} check={check} regionIds={regionIds} matrix={data} />
        ))}
      </CheckFrame>
      <p class="quiet">
        From <Moment at={data.since} /> to <Moment at={data.since + BAR_SLOTS * data.bucketMs} />.
        Each cell is the worst of its time.
        {data.left > 0 && ` ${data.left} more checks of its services are not shown.`}
      </p>
    </>
  )
}

type Row = { check: Matrix['checks'][number]; regionIds: readonly string[]; matrix: Matrix }

function MatrixRow({ check, regionIds, matrix }: Row) {
  const { checkId, name, isFinding } = check
  return (
    <li class="check">
      <div class="check-head">
        <a class="check-name" href={pageAddress.check(checkId)}>
          {name}
        </a>
        {!isFinding && <span class="quiet check-kind">no finding</span>}
      </div>
      {regionIds.map((regionId) => {
        const cell = check.regions.find((region) => region.regionId === regionId)
        return (
          <div key={regionId} class="matrix-cell" data-region={regionId}>
            <span class="region-name">{regionId}</span>
            {cell && (
              <>
                <SlotStrip
                  room={BAR_SLOTS}
                  pointedAt={undefined}
                  slots={cell.ends.map((end, index) => ({
                    slotAt: matrix.since + index * matrix.bucketMs,
                    ...(end && { end }),
                  }))}
                />
                <span class={cell.failed > 0 ? 'tone-failed' : 'quiet'}>
                  {cellWords(cell, matrix)}
                </span>
              </>
            )}
          </div>
        )
      })}
    </li>
  )
}
