import type { Diagnosis } from '../../protocol/run.ts'
import { layerWord } from '../words/failure-words.ts'
import { shortTime } from '../words/quantity.ts'

/** What was found layer by layer right after the failure, and which layer is the first broken one. */
export function DiagnosisList({ diagnosis }: { diagnosis: Diagnosis | undefined }) {
  if (!diagnosis || diagnosis.layers.length === 0) return null
  const first = diagnosis.firstBroken
  const broken = first === undefined ? undefined : diagnosis.layers[first]
  return (
    <section aria-label="Diagnosis">
      <h2>
        Layer by layer <span class="quiet">looked at right after the failure</span>
      </h2>
      <div class="card">
        <p>
          {broken
            ? `The first layer that is broken is ${layerWord(broken.layer)}.`
            : 'Each layer works by itself; what failed lies above them.'}
        </p>
        <ol class="layers">
          {diagnosis.layers.map(({ layer, subject, isFine, ms, message }, index) => (
            <li key={`${layer} ${subject} ${index}`} class={index === first ? 'layer-broken' : ''}>
              <strong class={`tone-${isFine ? 'passed' : 'failed'}`}>
                <span aria-hidden="true">{isFine ? '✓ ' : '✗ '}</span>
                {layerWord(layer)}
                <span class="unseen">{isFine ? ' works' : ' is broken'}</span>
              </strong>
              <span>{subject}</span>
              <span class="message">{message}</span>
              <span class="waterfall-time quiet">{shortTime(ms)}</span>
            </li>
          ))}
        </ol>
      </div>
    </section>
  )
}
