import type { Resource } from '../live/use-resource.ts'

/** Says that loading failed, what that means for what is shown, and how to try again. */
export function LoadNotice({ resource }: { resource: Resource<unknown> }) {
  const { problem, data, reload } = resource
  if (!problem) return null
  return (
    <div class="notice" role="alert">
      <p>
        <strong>{problem.title}.</strong> {problem.detail && `${problem.detail}. `}
        {data !== undefined && 'What is below was loaded before.'}
      </p>
      <button type="button" onClick={reload}>
        Try again
      </button>
    </div>
  )
}
