import type { Run } from '../../protocol/run.ts'
import { attemptWords, lastAttemptWords } from '../words/attempt-words.ts'
import { shortTime } from '../words/quantity.ts'
import { Moment } from './moment.tsx'

/** The attempts before the last one, and what the last one came to. */
export function AttemptList({ run }: { run: Run }) {
  const earlier = run.earlierAttempts ?? []
  if (earlier.length === 0) return null
  return (
    <section aria-label="Attempts">
      <h2>Attempts</h2>
      <ol class="card attempts">
        {earlier.map((attempt, index) => (
          <li key={attempt.startMs}>
            <strong>{index + 1}</strong>
            <span class="quiet">
              <Moment at={run.startedAt + Math.round(attempt.startMs)} />
              {attempt.startMs >= 1 && `, ${shortTime(attempt.startMs)} after the start`}
            </span>
            <span class="message">{attemptWords(attempt)}</span>
            {attempt.error && <span class="quiet">{attempt.error.type}</span>}
          </li>
        ))}
        <li>
          <strong>{run.attempt}</strong>
          <span class={`tone-${run.verdict}`}>{lastAttemptWords(run)}</span>
          <span class="quiet">everything else on this page is about it</span>
        </li>
      </ol>
    </section>
  )
}
