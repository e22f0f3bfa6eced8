import { useState } from 'preact/hooks'
import { mayAs, sessionStore } from '../live/session.ts'
import { useLazy } from '../live/use-lazy.ts'
import { useValue } from '../live/use-value.ts'

const loadDialog = () => import('./declare-dialog.tsx')

/** Opens an incident that no check has found. */
export function DeclareButton() {
  const [isOpen, setOpen] = useState(false)
  const { part, hasFailed } = useLazy(isOpen ? loadDialog : undefined)
  if (!mayAs(useValue(sessionStore).me, 'responder')) return null
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        Declare an incident
      </button>
      {isOpen && part && <part.DeclareDialog onClose={() => setOpen(false)} />}
      {hasFailed && <span role="alert">A part of this page cannot be loaded; load it again.</span>}
    </>
  )
}
