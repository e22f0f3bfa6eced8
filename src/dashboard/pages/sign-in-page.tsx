import { OutsideFrame } from '../parts/outside-frame.tsx'
import { SignInForm } from '../parts/sign-in-form.tsx'
import { useFilter } from '../routing/use-filter.ts'

/** Why the organisation's way in led back here. */
const PROBLEMS: Readonly<Record<string, string>> = {
  'sign_in.organisation':
    'Your organisation did not say who you are, or that you may come in. Try again, or ask an admin.',
  'account.exists':
    'There is an account of your name already, which is not linked to your organisation. Ask an admin.',
}

/** What everybody sees until they are signed in. */
export function SignInPage() {
  const problem = PROBLEMS[useFilter('problem') ?? '']
  return (
    <OutsideFrame title="Sign in">
      {problem !== undefined && (
        <p role="alert" class="tone-failed">
          {problem}
        </p>
      )}
      <SignInForm />
      <p class="quiet">
        No account, or the password is lost? An admin gives you a link. The first admin's link is
        printed where the coordinator was started.
      </p>
    </OutsideFrame>
  )
}
