import { useState } from 'preact/hooks'
import { addressOf, PATHS } from '../../protocol/public-paths.ts'
import type { OnCallAnswer, OnCallChange } from '../live/answers.ts'
import { coordinatorNow } from '../live/coordinator-time.ts'
import { rememberedPerson } from '../live/person.ts'
import { mayAs, ownLogin, sessionStore } from '../live/session.ts'
import { useValue } from '../live/use-value.ts'
import { changeWords } from '../words/shift-words.ts'
import { Moment } from './moment.tsx'
import { type ChangeKind, OnCallDialog } from './on-call-dialog.tsx'
import { SendButton } from './send-button.tsx'

type Props = {
  answer: OnCallAnswer
  changes: readonly OnCallChange[]
  onDone(): void
}

/** Overrides, swaps and absences that are not over, and how to say more of them. */
export function OnCallChanges({ answer, changes, onDone }: Props) {
  const [asked, setAsked] = useState<ChangeKind>()
  const { people, rotations } = answer
  const mayChange = mayAs(useValue(sessionStore).me, 'responder')
  return (
    <section class="card on-call-changes" aria-labelledby="on-call-changes">
      <h2 id="on-call-changes">Overrides and absences</h2>
      {changes.length === 0 && <p>Everybody has the turns that the rotations give them.</p>}
      <ul>
        {changes.map((change) => (
          <li key={change.id}>
            <span>
              <strong>{changeWords(change, people, rotations)}</strong> from{' '}
              <Moment at={change.from} /> until <Moment at={change.until} />
              <span class="quiet">
                {' '}
                – {change.author}
                {change.reason !== undefined && `: ${change.reason}`}
              </span>
            </span>
            {mayChange && <EndButton change={change} onDone={onDone} />}
          </li>
        ))}
      </ul>
      {mayChange && (
        <div class="command-buttons">
          <button type="button" onClick={() => setAsked('override')}>
            Take over a duty
          </button>
          <button type="button" onClick={() => setAsked('swap')}>
            Swap turns
          </button>
          <button type="button" onClick={() => setAsked('absence')}>
            Say who is absent
          </button>
        </div>
      )}
      {asked && (
        <OnCallDialog
          key={asked}
          kind={asked}
          answer={answer}
          onDone={() => {
            setAsked(undefined)
            onDone()
          }}
          onClose={() => setAsked(undefined)}
        />
      )}
    </section>
  )
}

function EndButton({ change, onDone }: { change: OnCallChange; onDone(): void }) {
  const isKnown = ownLogin(useValue(sessionStore).me) !== undefined
  const hasBegun = change.from <= coordinatorNow()
  return (
    <SendButton
      address={addressOf(PATHS.endOnCallChange, { changeId: change.id })}
      body={() => {
        const author = isKnown ? '' : rememberedPerson()
        return author === '' ? {} : { author }
      }}
      onDone={onDone}
    >
      {hasBegun ? 'End it now' : 'Take it back'}
    </SendButton>
  )
}
