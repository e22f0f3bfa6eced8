import type { ComponentType } from 'preact'
import { useLazy } from '../live/use-lazy.ts'

/** A part that is fetched when it is first needed: the first page must stay small. */
export function fetchedPart<Props extends object>(load: () => Promise<ComponentType<Props>>) {
  return function FetchedPart(props: Props) {
    const { part: Part, hasFailed } = useLazy(load)
    if (hasFailed)
      return (
        <p class="card" role="alert">
          A part of this page cannot be loaded. <a href={location.pathname}>Load it again</a>.
        </p>
      )
    return Part ? <Part {...props} /> : null
  }
}
