import { navigate } from '../routing/location.ts'
import { pageAddress } from '../routing/route.ts'

/** The keyboard map; the page shows it as it is here. */
export const SHORTCUTS = [
  { keys: ['g', 'n'], does: 'Now' },
  { keys: ['g', 'i'], does: 'Incidents' },
  { keys: ['g', 'o'], does: 'Objectives' },
  { keys: ['g', 'f'], does: 'Fleet' },
  { keys: ['/'], does: 'filter the checks' },
  { keys: ['t'], does: 'change the theme' },
  { keys: ['?'], does: 'show or hide this map' },
  { keys: ['←', '→'], does: 'walk the slots of a bar' },
  { keys: ['Enter'], does: "open a slot's run" },
  { keys: ['Esc'], does: 'close what is open' },
] as const

/** The second key of a pair must follow within this time. */
const PAIR_MS_MAX = 1_500

const PLACES: Record<string, () => string> = {
  n: pageAddress.now,
  i: pageAddress.incidents,
  o: pageAddress.objectives,
  f: pageAddress.fleet,
}

export type ShortcutActions = { toggleMap(): void; closeMap(): void; nextTheme(): void }

/** Listens to keys until the returned function is called. Keys typed into a field are left alone. */
export function listenToShortcuts(actions: ShortcutActions): () => void {
  let goPressedAt = Number.NEGATIVE_INFINITY

  function onKeyDown(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.target instanceof HTMLElement && event.target.matches('input, textarea, select'))
      return
    const place = PLACES[event.key]
    if (place && event.timeStamp - goPressedAt < PAIR_MS_MAX) navigate(place())
    else if (event.key === 'g') goPressedAt = event.timeStamp
    else if (event.key === '?') actions.toggleMap()
    else if (event.key === 'Escape') actions.closeMap()
    else if (event.key === 't') actions.nextTheme()
    else if (event.key !== '/' || !focusFilter()) return
    if (event.key !== 'g') event.preventDefault()
  }

  document.addEventListener('keydown', onKeyDown)
  return () => document.removeEventListener('keydown', onKeyDown)
}

function focusFilter(): boolean {
  const field = document.querySelector<HTMLInputElement>('input[type="search"]')
  field?.focus()
  return field !== null
}
