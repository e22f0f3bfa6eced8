import { useEffect, useRef, useState } from 'preact/hooks'
import type { Me } from '../../protocol/people-api.ts'
import { PATHS } from '../../protocol/public-paths.ts'
import { fetchJson, type LoadProblem } from '../live/fetch-json.ts'
import { adopt } from '../live/session.ts'
import { OutsideFrame } from '../parts/outside-frame.tsx'
import { NewPasswordField, PASSWORD_LENGTH_MIN } from '../parts/password-fields.tsx'
import { navigate } from '../routing/location.ts'
import { pageAddress } from '../routing/route.ts'
import { useFilter } from '../routing/use-filter.ts'

const NAME_LENGTH_MAX = 100
const LOGIN_LENGTH_MAX = 80

/** Where a one-time link leads: its secret is behind the `#`, so that no server sees it in an address. */
export function JoinPage() {
  const login = useFilter('login') ?? undefined
  const [token] = useState(() => location.hash.slice(1))
  const [problem, setProblem] = useState<LoadProblem>()
  const [isSending, setSending] = useState(false)
  const first = useRef<HTMLInputElement>(null)
  useEffect(() => {
    // Not in the browser's history either.
    history.replaceState(null, '', location.pathname + location.search)
    first.current?.focus()
  }, [])

  async function submit(form: HTMLFormElement): Promise<void> {
    const typed = new FormData(form)
    const text = (name: string) => String(typed.get(name) ?? '').trim() || undefined
    setSending(true)
    const answer = await fetchJson<Me>(PATHS.acceptInvitation, new AbortController().signal, {
      token,
      login: login === undefined ? text('login') : undefined,
      name: text('name'),
      password: String(typed.get('password') ?? ''),
    })
    setSending(false)
    if ('problem' in answer) return setProblem(answer.problem)
    adopt(answer.data)
    navigate(pageAddress.now(), { replace: true })
  }

  if (token === '')
    return (
      <OutsideFrame title="This link is not complete">
        <p>Open it as it was given to you, with everything behind the #.</p>
        <p>
          <a href={pageAddress.now()}>Sign in</a>
        </p>
      </OutsideFrame>
    )
  return (
    <OutsideFrame title={login === undefined ? 'Make the first account' : 'Choose a password'}>
      <p class="quiet">
        {login === undefined
          ? 'You will be the admin of this coordinator, who lets others in.'
          : `You sign in as ${login} from now on.`}
      </p>
      <form
        class="sign-in-form"
        onSubmit={(event) => {
          event.preventDefault()
          void submit(event.currentTarget)
        }}
      >
        {login === undefined ? (
          <>
            <label>
              Login
              <input
                ref={first}
                name="login"
                required
                maxLength={LOGIN_LENGTH_MAX}
                pattern="[A-Za-z0-9]+([._\-][A-Za-z0-9]+)*"
                autocomplete="username"
                autocapitalize="none"
                spellcheck={false}
              />
              <span class="quiet">
                Letters and digits, with dots or dashes between; your id in on-call.yaml, if you are
                on call.
              </span>
            </label>
            <label>
              <span>
                Name <span class="quiet">(optional)</span>
              </span>
              <input name="name" maxLength={NAME_LENGTH_MAX} autocomplete="name" />
            </label>
          </>
        ) : (
          // For the browser's memory of passwords.
          <input type="hidden" name="login" value={login} autocomplete="username" />
        )}
        <NewPasswordField />
        {problem && (
          <p role="alert" class="tone-failed">
            {problem.title}
            {problem.detail ? `; ${problem.detail}` : ''}.
          </p>
        )}
        <button type="submit" class="main-button" disabled={isSending}>
          {login === undefined ? 'Make the account' : 'Set the password'}
        </button>
      </form>
      <p class="quiet">
        A sentence is easier to remember than {PASSWORD_LENGTH_MIN} random characters, and as good.
      </p>
    </OutsideFrame>
  )
}
