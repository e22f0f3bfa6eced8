import { useEffect, useReducer } from 'preact/hooks'
import type { ValueStore } from './value-store.ts'

/** The value of a store; the component renders again when it changes. */
export function useValue<T>(store: ValueStore<T>): T {
  const [, renderAgain] = useReducer((times: number, _: undefined) => times + 1, 0)
  const value = store.get()
  useEffect(() => {
    // It may have changed between the rendering and this moment.
    if (!Object.is(store.get(), value)) renderAgain(undefined)
    return store.follow(() => renderAgain(undefined))
  }, [store])
  return value
}
