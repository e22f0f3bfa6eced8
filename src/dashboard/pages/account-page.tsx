import { useState } from 'preact/hooks'
import type { Me } from '../../protocol/people-api.ts'
import { PATHS } from '../../protocol/public-paths.ts'
import { fetchJson, type LoadProblem } from '../live/fetch-json.ts'
import { adopt, sessionStore, signOut } from '../live/session.ts'
import { useValue } from '../live/use-value.ts'
import { Facts } from '../parts/facts.tsx'
import { Moment } from '../parts/moment.tsx'
import { PageHeading } from '../parts/page-heading.tsx'
import { NewPasswordField, PresentPasswordField } from '../parts/password-fields.tsx'

const ROLE_WORDS = {
  viewer: 'viewer: sees everything, changes nothing',
  responder: 'responder: leads incidents, silences, runs checks',
  admin: 'admin: that, and says who else may come in',
} as const

/** Who I am here, and what I can change about it. */
export function AccountPage() {
  const caller = useValue(sessionStore).me?.caller
  if (caller?.login === undefined)
    return (
      <>
        <PageHeading title="Account">Nobody signs in here.</PageHeading>
        <p class="lead">
          Sign-in is off: whoever reaches this coordinator may do everything, and writes their name.
        </p>
      </>
    )
  return (
    <>
      <PageHeading title="Account">You are signed in as {caller.login}.</PageHeading>
      <section class="card">
        <Facts
          facts={[
            ['name', caller.name ?? caller.login],
            ['role', ROLE_WORDS[caller.role]],
            ...(caller.until === undefined
              ? []
              : ([['signed in until', <Moment key="until" at={caller.until} />]] as const)),
          ]}
        />
        <div class="command-buttons">
          <button type="button" onClick={() => void signOut()}>
            Sign out
          </button>
          <button type="button" onClick={() => void signOut(true)}>
            Sign out everywhere
          </button>
        </div>
      </section>
      {caller.hasPassword && <PasswordSection login={caller.login} />}
    </>
  )
}

function PasswordSection({ login }: { login: string }) {
  const [problem, setProblem] = useState<LoadProblem>()
  const [isDone, setDone] = useState(false)
  async function submit(form: HTMLFormElement): Promise<void> {
    const typed = new FormData(form)
    setDone(false)
    const answer = await fetchJson<Me>(PATHS.password, new AbortController().signal, {
      present: String(typed.get('present') ?? ''),
      next: String(typed.get('next') ?? ''),
    })
    if ('problem' in answer) return setProblem(answer.problem)
    setProblem(undefined)
    setDone(true)
    form.reset()
    adopt(answer.data)
  }
  return (
    <section class="card">
      <h2>Change the password</h2>
      <p class="quiet">All other sessions of yours end.</p>
      <form
        class="sign-in-form narrow"
        onSubmit={(event) => {
          event.preventDefault()
          void submit(event.currentTarget)
        }}
      >
        <input type="hidden" name="login" value={login} autocomplete="username" />
        <PresentPasswordField />
        <NewPasswordField name="next" />
        {problem && (
          <p role="alert" class="tone-failed">
            {problem.title}
            {problem.detail ? `; ${problem.detail}` : ''}.
          </p>
        )}
        {isDone && <p role="status">The password is changed.</p>}
        <button type="submit">Change it</button>
      </form>
    </section>
  )
}
