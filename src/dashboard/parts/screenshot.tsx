import { useEffect, useState } from 'preact/hooks'
import { addressOf, PATHS } from '../../protocol/public-paths.ts'

/**
 * A picture comes after the run that it belongs to: probes send verdicts first. It is asked for
 * again after these times, until it is there.
 */
const RETRY_AFTER_MS = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000]

/** @param props.shows what it is a picture of, in words. */
export function Screenshot(props: { runId: string; name: string; shows: string }) {
  const { runId, name, shows } = props
  const [attempt, setAttempt] = useState(0)
  const [state, setState] = useState<'waiting' | 'shown' | 'missing'>('waiting')
  const address = addressOf(PATHS.artifact, { runId, name })

  useEffect(() => {
    if (state !== 'missing') return
    const delayMs = RETRY_AFTER_MS[attempt]
    if (delayMs === undefined) return
    const timer = setTimeout(() => {
      setAttempt(attempt + 1)
      setState('waiting')
    }, delayMs)
    return () => clearTimeout(timer)
  }, [state, attempt])

  const isGivenUp = state === 'missing' && attempt >= RETRY_AFTER_MS.length
  return (
    <figure class="screenshot">
      {state !== 'missing' && (
        <a href={address} class={state === 'shown' ? '' : 'screenshot-hidden'}>
          <img
            // The browser remembers that there was no such picture; the next try is another address.
            src={addressOf(PATHS.artifact, { runId, name }, { attempt: attempt || undefined })}
            alt={`What the page showed: ${shows}`}
            onLoad={() => setState('shown')}
            onError={() => setState('missing')}
          />
        </a>
      )}
      {state !== 'shown' && (
        <p class="quiet screenshot-room" role="status">
          {isGivenUp
            ? 'The picture has not arrived from the probe, or it is no longer kept.'
            : 'The picture of this step is on its way from the probe …'}
        </p>
      )}
      <figcaption class="quiet">{shows}</figcaption>
    </figure>
  )
}
