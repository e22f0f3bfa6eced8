import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'

/** A part that is fetched when it is first needed: the first page must stay small. */
export function fetchedPart<Props extends object>(load: () => Promise<ComponentType<Props>>) {
  return function FetchedPart(props: Props) {
    const [loaded, setLoaded] = useState<{ Part: ComponentType<Props> }>()
    useEffect(() => {
      void load().then((Part) => setLoaded({ Part }))
    }, [])
    return loaded ? <loaded.Part {...props} /> : null
  }
}
