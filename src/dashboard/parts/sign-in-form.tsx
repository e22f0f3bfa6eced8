import { useEffect, useId, useRef, useState } from 'preact/hooks'
import type { Me } from '../../protocol/people-api.ts'
import { addressOf, PATHS } from '../../protocol/public-paths.ts'
import { fetchJson, type LoadProblem } from '../live/fetch-json.ts'
import { adopt, askWhoIsThere, sessionStore } from '../live/session.ts'
import { useValue } from '../live/use-value.ts'
import { placeStore } from '../routing/location.ts'

/** Longest that the interface takes. */
const LOGIN_LENGTH_MAX = 80
const PASSWORD_LENGTH_MAX = 200

/**
 * Login and password, and the organisation's own way in where there is one.
 *
 * @param isAside another page is open below: the organisation's way opens beside it.
 */
export function SignInForm({ isAside = false }: { isAside?: boolean }) {
  const { me } = useValue(sessionStore)
  const { path, query } = useValue(placeStore)
  const [problem, setProblem] = useState<LoadProblem>()
  const [isSending, setSending] = useState(false)
  const first = useRef<HTMLInputElement>(null)
  const password = useRef<HTMLInputElement>(null)
  const id = useId()
  useEffect(() => first.current?.focus(), [])

  async function submit(form: HTMLFormElement): Promise<void> {
    const typed = new FormData(form)
    setSending(true)
    const answer = await fetchJson<Me>(PATHS.signIn, new AbortController().signal, {
      login: String(typed.get('login') ?? '').trim(),
      password: String(typed.get('password') ?? ''),
    })
    setSending(false)
    if ('data' in answer) return adopt(answer.data)
    setProblem(answer.problem)
    password.current?.select()
    password.current?.focus()
  }

  return (
    <form
      class="sign-in-form"
      aria-describedby={problem && `${id}-problem`}
      onSubmit={(event) => {
        event.preventDefault()
        void submit(event.currentTarget)
      }}
    >
      {me?.organisation && (
        <>
          <a
            class="button organisation"
            href={addressOf(
              PATHS.organisation,
              {},
              { return: isAside ? '/account' : path + query },
            )}
            {...(isAside && { target: '_blank' })}
          >
            Sign in with {me.organisation.name}
          </a>
          {isAside && (
            <button type="button" onClick={() => void askWhoIsThere()}>
              I have signed in there
            </button>
          )}
          <p class="or quiet">or with an account of this coordinator</p>
        </>
      )}
      <label>
        Login
        <input
          ref={first}
          name="login"
          required
          maxLength={LOGIN_LENGTH_MAX}
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
        />
      </label>
      <label>
        Password
        <input
          ref={password}
          name="password"
          type="password"
          required
          maxLength={PASSWORD_LENGTH_MAX}
          autocomplete="current-password"
        />
      </label>
      {problem && (
        <p id={`${id}-problem`} role="alert" class="tone-failed">
          {problem.title}
          {problem.detail ? `; ${problem.detail}` : ''}.
        </p>
      )}
      <button type="submit" class="main-button" disabled={isSending}>
        Sign in
      </button>
    </form>
  )
}
