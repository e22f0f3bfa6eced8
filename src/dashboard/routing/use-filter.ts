import { useValue } from '../live/use-value.ts'
import { placeStore } from './location.ts'

/** One filter of the address, or null; the component renders again when the address changes. */
export function useFilter(name: string): string | null {
  return new URLSearchParams(useValue(placeStore).query).get(name)
}
