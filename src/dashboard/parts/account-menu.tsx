import { useEffect, useRef } from 'preact/hooks'
import { mayAs, sessionStore, signOut } from '../live/session.ts'
import { useValue } from '../live/use-value.ts'
import { placeStore } from '../routing/location.ts'
import { pageAddress } from '../routing/route.ts'

/** Who is signed in, and what they can do about it; nothing where nobody signs in. */
export function AccountMenu() {
  const { me } = useValue(sessionStore)
  const place = useValue(placeStore)
  const menu = useRef<HTMLDetailsElement>(null)
  const close = () => menu.current?.removeAttribute('open')

  useEffect(close, [place])
  useEffect(() => {
    const onPointer = (event: Event) => {
      if (event.target instanceof Node && !menu.current?.contains(event.target)) close()
    }
    document.addEventListener('pointerdown', onPointer)
    return () => document.removeEventListener('pointerdown', onPointer)
  }, [])

  const caller = me?.caller
  if (caller?.login === undefined) return null
  return (
    <details
      ref={menu}
      class="account-menu"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !menu.current?.open) return
        event.stopPropagation()
        close()
        menu.current.querySelector('summary')?.focus()
      }}
    >
      <summary aria-label={`Account: ${caller.login}`}>
        <span class="initial" aria-hidden="true">
          {caller.login.slice(0, 1).toUpperCase()}
        </span>
      </summary>
      <div class="account-card">
        <p>
          <strong>{caller.name ?? caller.login}</strong>
          <br />
          <span class="quiet">
            {caller.login} · {caller.role}
          </span>
        </p>
        <ul>
          <li>
            <a href={pageAddress.account()}>Your account</a>
          </li>
          {mayAs(me, 'admin') && (
            <li>
              <a href={pageAddress.people()}>People and tokens</a>
            </li>
          )}
          <li>
            <button type="button" onClick={() => void signOut()}>
              Sign out
            </button>
          </li>
        </ul>
      </div>
    </details>
  )
}
