/** Text of a runbook: code stands between backticks, lines of lists begin with a dash. */
export function RunbookText({ text }: { text: string }) {
  return (
    <span class="runbook-text">
      {text.split('`').map((part, index) =>
        // What stands between two backticks has an odd place; it never changes it.
        index % 2 === 1 ? <code key={index}>{part}</code> : part,
      )}
    </span>
  )
}
