import { SHORTCUTS } from '../live/shortcuts.ts'

/** Which key does what; part of the page, not over it. */
export function KeyboardMap() {
  return (
    <section class="keyboard-map card" aria-label="Keyboard map">
      <dl>
        {SHORTCUTS.map(({ keys, does }) => (
          <div key={does}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
