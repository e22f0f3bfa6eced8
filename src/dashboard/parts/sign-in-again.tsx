import { useEffect, useId, useRef } from 'preact/hooks'
import { SignInForm } from './sign-in-form.tsx'

/** Over a page whose session has ended: what was typed there stays, and goes on afterwards. */
export function SignInAgain() {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog
      ref={dialog}
      class="command-dialog sign-in-again"
      aria-labelledby={id}
      // Nothing of the page below works until somebody is signed in.
      onCancel={(event) => event.preventDefault()}
    >
      <h2 id={id}>Sign in again</h2>
      <p class="quiet">Your session has ended. The page below stays as it is.</p>
      <SignInForm isAside />
    </dialog>
  )
}
