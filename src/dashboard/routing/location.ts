import { createValueStore } from '../live/value-store.ts'

/** Where the viewer is: path and query. */
export type Place = { path: string; query: string }

const here = (): Place => ({ path: location.pathname, query: location.search })

export const placeStore = createValueStore<Place>(here())

/** Goes to an address of the dashboard without loading the page again. */
export function navigate(address: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, '', address)
  else history.pushState(null, '', address)
  const before = placeStore.get()
  placeStore.set(here())
  if (before.path !== location.pathname) window.scrollTo(0, 0)
}

/** Changes one filter of this page's address; undefined removes it. */
export function setFilter(name: string, value: string | undefined, replace = false): void {
  navigate(filterAddress(placeStore.get(), name, value), { replace })
}

/** This page's address with one filter changed; another choice begins with its first page. */
export function filterAddress(place: Place, name: string, value: string | undefined): string {
  const query = new URLSearchParams(place.query)
  if (name !== 'after') query.delete('after')
  if (value === undefined || value === '') query.delete(name)
  else query.set(name, value)
  const text = query.toString()
  return text === '' ? place.path : `${place.path}?${text}`
}

/** Follows links and the browser's back and forward buttons from here on. */
export function startRouting(): void {
  window.addEventListener('popstate', () => placeStore.set(here()))
  document.addEventListener('click', (event) => {
    const isPlain =
      event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey
    if (!isPlain || event.defaultPrevented || !(event.target instanceof Element)) return
    const link = event.target.closest('a')
    if (!link || link.origin !== location.origin || link.target !== '') return
    // Files and data of the interface are the coordinator's to answer; a fragment is the browser's.
    if (link.pathname.startsWith('/api/') || link.hash !== '') return
    event.preventDefault()
    navigate(link.pathname + link.search)
  })
}
