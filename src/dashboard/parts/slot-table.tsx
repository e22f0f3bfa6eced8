import type { CheckOverview } from '../../protocol/public-api.ts'
import { STANDING_WORDS, standingOf } from '../words/region-standing.ts'
import { SLOT_WORDS, slotStretches } from '../words/slot-words.ts'
import { clockTime } from '../words/time-words.ts'

/** Says in a table what the bars of a check draw; seen by assistive technology only. */
export function SlotTable({ check }: { check: CheckOverview }) {
  return (
    <div class="unseen">
      <table>
        <caption>{check.name}: what its slots came to, by region</caption>
        <thead>
          <tr>
            <th scope="col">region</th>
            <th scope="col">slots</th>
            <th scope="col">from</th>
            <th scope="col">until</th>
            <th scope="col">reason</th>
          </tr>
        </thead>
        <tbody>
          {check.regions.flatMap(({ regionId, slots }) =>
            slotStretches(slots).map((stretch) => (
              <tr key={`${regionId} ${stretch.from}`}>
                <th scope="row">
                  {regionId}, {STANDING_WORDS[standingOf(check, regionId)].word}
                </th>
                <td>
                  {stretch.slots} {SLOT_WORDS[stretch.state].word}
                </td>
                <td>{clockTime(stretch.from)}</td>
                <td>{clockTime(stretch.until)}</td>
                <td>{stretch.message ?? '–'}</td>
              </tr>
            )),
          )}
        </tbody>
      </table>
    </div>
  )
}
