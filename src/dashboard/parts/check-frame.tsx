import type { ComponentChildren } from 'preact'

/** More columns than this do not fit beside each other; then each region carries its name. */
const COLUMNS_MAX = 4

/** The card around rows of checks: a title, and the regions as columns. */
export function CheckFrame(props: {
  title: string
  regionIds: readonly string[]
  children: ComponentChildren
}) {
  const { title, regionIds, children } = props
  const isWide = regionIds.length > COLUMNS_MAX
  return (
    <section
      class={`checks card${isWide ? ' checks-wide' : ''}`}
      aria-label={title}
      style={{ '--regions': Math.max(1, regionIds.length) }}
    >
      <div class="checks-head">
        <h2>{title}</h2>
        {!isWide &&
          regionIds.map((id) => (
            <span key={id} class="column-name" aria-hidden="true">
              {id}
            </span>
          ))}
      </div>
      <ul class="check-rows">{children}</ul>
    </section>
  )
}
