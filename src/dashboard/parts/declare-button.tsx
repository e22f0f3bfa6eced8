import { useState } from 'preact/hooks'
import { mayAs, sessionStore } from '../live/session.ts'
import { useLazy } from '../live/use-lazy.ts'
import { useValue } from '../live/use-value.ts'
import { filterAddress, navigate, placeStore } from '../routing/location.ts'

/** Names of the address that ask for the form and fill it in; what they say is read where the form is. */
const FILTERS = ['declare', 'service', 'severity', 'title', 'reason'] as const

const loadDialog = () => import('./declare-dialog.tsx')

/** Opens an incident that no check has found; a link may open its form, filled in. */
export function DeclareButton() {
  const [isAsked, setOpen] = useState(false)
  const { query } = useValue(placeStore)
  const isOpen = isAsked || new URLSearchParams(query).has('declare')
  const { part, hasFailed } = useLazy(isOpen ? loadDialog : undefined)
  if (!mayAs(useValue(sessionStore).me, 'responder')) return null
  function close(): void {
    setOpen(false)
    const here = placeStore.get()
    const others = FILTERS.reduce(
      (left, name) => filterAddress({ path: '', query: left }, name, undefined),
      here.query,
    )
    navigate(here.path + others, { replace: true })
  }
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        Declare an incident
      </button>
      {isOpen && part && <part.DeclareDialog query={query} onClose={close} />}
      {hasFailed && <span role="alert">A part of this page cannot be loaded; load it again.</span>}
    </>
  )
}
