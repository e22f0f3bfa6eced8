import { addressOf, PATHS } from '../../protocol/public-paths.ts'
import type { OnCallAnswer } from '../live/answers.ts'
import { mayAs, ownLogin, sessionStore } from '../live/session.ts'
import { useValue } from '../live/use-value.ts'
import { nameOf } from '../words/shift-words.ts'
import { Moment } from './moment.tsx'
import { SendButton } from './send-button.tsx'

type HandOff = NonNullable<OnCallAnswer['handOffs']>[number]
type Props = { answer: OnCallAnswer; onDone(): void }

/** Who took over which duty, what they should try, and whether they said that they have it. */
export function HandOffs({ answer, onDone }: Props) {
  const { handOffs = [], people, rotations } = answer
  const { me } = useValue(sessionStore)
  const own = ownLogin(me)
  if (handOffs.length === 0) return null
  return (
    <section class="card on-call-changes" aria-labelledby="hand-offs">
      <h2 id="hand-offs">Shifts that began</h2>
      <ul>
        {handOffs.map((handOff) => {
          const { handOffId, personId, rotationId, role, confirmedAt } = handOff
          const rotation = rotations.find(({ id }) => id === rotationId)
          const isOpen = confirmedAt === undefined
          const mayConfirm = mayAs(me, 'responder') && (own === undefined || own === personId)
          return (
            <li key={handOffId}>
              <div>
                <strong>
                  {nameOf(people, personId)} is {role} of {rotation?.name ?? rotationId}
                </strong>{' '}
                from <Moment at={handOff.from} /> until <Moment at={handOff.until} />
                <Standing handOff={handOff} answer={answer} />
                {isOpen && rotation?.access && (
                  <ul aria-label="Access to try">
                    {rotation.access.map(({ name, test, url }) => (
                      <li key={name}>
                        <span>
                          {url === undefined ? name : <a href={url}>{name}</a>}: {test}
                        </span>
                      </li>
                    ))}
                  </ul>
                )}
              </div>
              {isOpen && mayConfirm && <ConfirmButton handOff={handOff} onDone={onDone} />}
            </li>
          )
        })}
      </ul>
    </section>
  )
}

function Standing({ handOff, answer }: { handOff: HandOff; answer: OnCallAnswer }) {
  const { confirmedAt, unconfirmed, confirmBy } = handOff
  if (confirmedAt !== undefined)
    return (
      <span class="quiet">
        {' '}
        – confirmed <Moment at={confirmedAt} />
      </span>
    )
  if (!unconfirmed)
    return (
      <span class="quiet">
        {' '}
        – to be confirmed by <Moment at={confirmBy} />
      </span>
    )
  const { told } = unconfirmed
  return (
    <span class="tone-degraded">
      {' '}
      – <span aria-hidden="true">! </span>not confirmed;{' '}
      {told === undefined ? unconfirmed.reason : `${nameOf(answer.people, told)} was told`}
    </span>
  )
}

function ConfirmButton({ handOff, onDone }: { handOff: HandOff; onDone(): void }) {
  const { handOffId, personId } = handOff
  const isKnown = ownLogin(useValue(sessionStore).me) !== undefined
  return (
    <SendButton
      address={addressOf(PATHS.confirmHandOff, { handOffId })}
      // Where nobody signs in, whoever presses it says that they are this person.
      body={() => (isKnown ? {} : { by: personId })}
      onDone={onDone}
    >
      I have it
    </SendButton>
  )
}
