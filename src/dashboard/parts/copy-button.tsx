import { useState } from 'preact/hooks'

/** How long a button says that it has copied. */
const SAID_MS = 2_000

/** Copies a command; where the browser does not let it, selects nothing and says so. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const [said, say] = useState<string>()
  async function copy(): Promise<void> {
    const worked = await navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    )
    say(worked ? 'Copied' : 'Not allowed here')
    setTimeout(() => say(undefined), SAID_MS)
  }
  return (
    <button
      type="button"
      class="copy-button"
      aria-label={`Copy ${what}`}
      onClick={() => void copy()}
    >
      <span aria-live="polite">{said ?? 'Copy'}</span>
    </button>
  )
}
