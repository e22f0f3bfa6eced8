import { useEffect, useState } from 'preact/hooks'

/**
 * A part of the program that is loaded only where it is needed: what every page loads must stay small.
 *
 * @param load the same function each time; nothing is loaded while it is undefined.
 */
export function useLazy<T>(load: (() => Promise<T>) | undefined): {
  part: T | undefined
  /** Not there, or not of this version any more: loading the page again gets the present one. */
  hasFailed: boolean
} {
  const [part, setPart] = useState<{ value: T }>()
  const [hasFailed, setFailed] = useState(false)
  useEffect(() => {
    if (!load) return
    let isWanted = true
    setFailed(false)
    load().then(
      (value) => isWanted && setPart({ value }),
      () => isWanted && setFailed(true),
    )
    return () => {
      isWanted = false
    }
  }, [load])
  return { part: part?.value, hasFailed }
}
