import { describeDuration } from '../../base/duration.ts'
import type { IncidentTimes } from '../../protocol/incident-times.ts'
import { TIME_NAMES, TIME_WORDS } from '../words/times-words.ts'

/** How long everything took, each with how it is known or why it is not. */
export function IncidentTimesSection({ times }: { times: IncidentTimes | undefined }) {
  if (!times) return null
  const { durations, confidenceMs } = times
  return (
    <section aria-label="Times">
      <h2>Times</h2>
      <table class="card stacking">
        <tbody>
          {TIME_NAMES.map((name) => (
            <tr key={name}>
              <th scope="row">{TIME_WORDS[name]}</th>
              <td>
                {durations[name].value === null ? (
                  <span class="quiet">not known: </span>
                ) : (
                  <strong>{describeDuration(durations[name].value)}</strong>
                )}{' '}
                <span class="quiet">{durations[name].because}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {confidenceMs !== null && (
        <p class="quiet">
          What the probes saw is known to ± {describeDuration(confidenceMs)}: so often they look.
        </p>
      )}
    </section>
  )
}
