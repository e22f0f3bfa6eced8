import { useEffect, useId, useRef, useState } from 'preact/hooks'

/** A secret that nobody can see again: until it is put away it stays on the page, to be copied. */
export function ShownOnce(props: { title: string; means: string; secret: string; onDone(): void }) {
  const { title, means, secret, onDone } = props
  const field = useRef<HTMLInputElement>(null)
  const [isCopied, setCopied] = useState(false)
  const id = useId()
  useEffect(() => {
    field.current?.focus()
    field.current?.select()
  }, [])

  async function copy(): Promise<void> {
    field.current?.select()
    try {
      await navigator.clipboard.writeText(secret)
      setCopied(true)
    } catch {
      // Without permission it is selected, and the keyboard copies it.
    }
  }
  return (
    <section class="card shown-once" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <p class="quiet">{means}</p>
      <input ref={field} readOnly value={secret} aria-labelledby={id} />
      <div class="command-buttons">
        <button type="button" class="main-button" onClick={() => void copy()}>
          {isCopied ? 'Copied' : 'Copy'}
        </button>
        <button type="button" onClick={onDone}>
          I have it
        </button>
      </div>
    </section>
  )
}
