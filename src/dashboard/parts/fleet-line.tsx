import type { Now } from '../../protocol/public-api.ts'
import { pageAddress } from '../routing/route.ts'
import { regionWords, slotsWords } from '../words/fleet-words.ts'

const SIGNS = { ok: '✓', silent: '✗', waiting: '…' } as const
const TONES = { ok: 'tone-passed', silent: 'tone-failed', waiting: 'tone-unknown' } as const

/** The fleet at a glance: who measures, and how much of the last hour was measured. */
export function FleetLine(props: Pick<Now, 'regions' | 'slotsLastHour'>) {
  return (
    <section class="fleet-line card" aria-label="Fleet">
      <h2>
        <a href={pageAddress.fleet()}>Fleet</a>
      </h2>
      <ul>
        {props.regions.map((region) => (
          <li key={region.regionId} data-region={region.regionId}>
            {region.regionId}{' '}
            <span class={TONES[region.state]}>
              <span aria-hidden="true">{SIGNS[region.state]} </span>
              {regionWords(region)}
            </span>
          </li>
        ))}
        <li>{slotsWords(props.slotsLastHour)}</li>
      </ul>
    </section>
  )
}
