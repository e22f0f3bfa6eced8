import { useValue } from '../live/use-value.ts'
import { filterAddress, placeStore } from '../routing/location.ts'

/** A choice that lives in the address: one link for each value. */
export function FilterLinks(props: {
  label: string
  /** Name in the query. */
  name: string
  /** The first is what no filter means. */
  options: readonly { value: string; text: string }[]
}) {
  const { label, name, options } = props
  const place = useValue(placeStore)
  const wanted = new URLSearchParams(place.query).get(name)
  const chosen = (options.find(({ value }) => value === wanted) ?? options[0])?.value
  return (
    <nav class="filters" aria-label={label}>
      {options.map(({ value, text }, index) => (
        <a
          key={value}
          href={filterAddress(place, name, index === 0 ? undefined : value)}
          aria-current={value === chosen ? 'true' : undefined}
        >
          {text}
        </a>
      ))}
    </nav>
  )
}
