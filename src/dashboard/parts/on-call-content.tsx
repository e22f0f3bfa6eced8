import { PATHS } from '../../protocol/public-paths.ts'
import type {
  OnCallAnswer,
  OnCallChangesAnswer,
  OnCallLint,
  ShiftsAnswer,
} from '../live/answers.ts'
import { RELOAD_GAP_MS, useResource } from '../live/use-resource.ts'
import '../styles/on-call.css'
import { HandOffs } from './hand-offs.tsx'
import { LoadNotice } from './load-notice.tsx'
import { OnCallCalendar } from './on-call-calendar.tsx'
import { OnCallChanges } from './on-call-changes.tsx'
import { OnCallTeams } from './on-call-teams.tsx'

const follow = {
  reloadGapMs: (event: { type: string }) => (event.type === 'on_call' ? RELOAD_GAP_MS : undefined),
}

/** Who is on call, who comes next, what people said, and what would leave somebody unpaged. */
export function OnCallContent({ answer, onDone }: { answer: OnCallAnswer; onDone(): void }) {
  const shifts = useResource<ShiftsAnswer>(PATHS.onCallShifts, follow)
  const changes = useResource<OnCallChangesAnswer>(PATHS.onCallChanges, follow)
  const lint = useResource<OnCallLint>(PATHS.onCallLint, follow)
  if (answer.people.length === 0)
    return (
      <p class="card empty">
        Write people, a team and a rotation into <code>config/on-call.yaml</code>;{' '}
        <code>config/README.md</code> explains it. Until then incidents page nobody.
      </p>
    )
  return (
    <>
      <OnCallTeams answer={answer} />
      <HandOffs answer={answer} onDone={onDone} />
      {lint.data && <Complaints lint={lint.data} />}
      <LoadNotice resource={shifts} />
      {shifts.data && <OnCallCalendar answer={answer} shifts={shifts.data} />}
      <LoadNotice resource={changes} />
      {changes.data && (
        <OnCallChanges answer={answer} changes={changes.data.data} onDone={changes.reload} />
      )}
    </>
  )
}

function Complaints({ lint: { complaints } }: { lint: OnCallLint }) {
  return (
    <section class="card on-call-complaints" aria-labelledby="on-call-complaints">
      <h2 id="on-call-complaints">What would go wrong in the next eight weeks</h2>
      {complaints.length === 0 ? (
        <p>Nothing: somebody who can be reached is on call at every moment.</p>
      ) : (
        <ul>
          {complaints.map(({ kind, level, message, advice }) => (
            <li key={`${kind} ${message}`}>
              <span class={level === 'error' ? 'tone-failed' : 'tone-degraded'}>
                <span aria-hidden="true">{level === 'error' ? '✕' : '!'} </span>
                {level === 'error' ? 'Error' : 'Warning'}
              </span>{' '}
              {message}. <span class="quiet">It needs {advice}.</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
