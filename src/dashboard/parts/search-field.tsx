import { setFilter } from '../routing/location.ts'
import { useFilter } from '../routing/use-filter.ts'

/** Free text that narrows a list; it lives in the address as `q`. */
export function SearchField({ label, placeholder }: { label: string; placeholder: string }) {
  const text = useFilter('q') ?? ''
  return (
    <input
      type="search"
      class="search-field"
      aria-label={label}
      placeholder={placeholder}
      value={text}
      autocomplete="off"
      spellcheck={false}
      onInput={(event) => setFilter('q', event.currentTarget.value, true)}
    />
  )
}
