import { rememberedPerson } from '../live/person.ts'
import { ownLogin, sessionStore } from '../live/session.ts'
import { useValue } from '../live/use-value.ts'

/** Longest name that the interface takes. */
const NAME_LENGTH_MAX = 80

/** Who is signed in needs no name; elsewhere it is asked for. */
export function WhoseDeed({ field, isOptional = false }: { field: string; isOptional?: boolean }) {
  const login = ownLogin(useValue(sessionStore).me)
  if (login !== undefined)
    return (
      <p class="quiet">
        As <strong>{login}</strong>.
      </p>
    )
  return (
    <label>
      <span>Your name{isOptional && <span class="quiet"> (optional)</span>}</span>
      <input
        name={field}
        required={!isOptional}
        maxLength={NAME_LENGTH_MAX}
        defaultValue={rememberedPerson()}
        autocomplete="name"
      />
    </label>
  )
}
