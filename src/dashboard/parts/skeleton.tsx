/** Room for what is being loaded, so that nothing jumps when it comes. */
export function Skeleton({ rows, label }: { rows: number; label: string }) {
  return (
    <div class="card skeleton" aria-busy="true">
      <p class="unseen">{label}</p>
      {Array.from({ length: rows }, (_, row) => (
        <span key={row} class="skeleton-row" />
      ))}
    </div>
  )
}
