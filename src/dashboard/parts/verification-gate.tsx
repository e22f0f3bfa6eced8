import { describeDuration } from '../../base/duration.ts'
import type { Incident } from '../../protocol/incident.ts'
import { coordinatorNow, secondsStore } from '../live/coordinator-time.ts'
import { useValue } from '../live/use-value.ts'
import { countdownWords } from '../words/time-words.ts'
import { Moment } from './moment.tsx'

/** While an incident verifies: how long it has been clean, of how long it must be. */
export function VerificationGate({ incident }: { incident: Incident }) {
  useValue(secondsStore)
  const { state, recoveredAt, verifyUntil } = incident
  if (state !== 'verifying' || recoveredAt === undefined || verifyUntil === undefined) return null
  const whole = Math.max(1, verifyUntil - recoveredAt)
  const clean = Math.min(whole, Math.max(0, coordinatorNow() - recoveredAt))
  return (
    <section class="card gate" aria-label="Verification">
      <p>
        <strong>Clean for {countdownWords(clean)}</strong> of {describeDuration(whole)}. It is
        restored at <Moment at={verifyUntil} /> if nothing fails until then:{' '}
        <strong>{countdownWords(whole - clean)}</strong> to go.
      </p>
      <progress max={whole} value={clean} aria-label="Time that it has been clean" />
    </section>
  )
}
