import { PATHS } from '../../protocol/public-paths.ts'
import type { OnCallAnswer } from '../live/answers.ts'
import { RELOAD_GAP_MS, useResource } from '../live/use-resource.ts'
import { fetchedPart } from '../parts/fetched-part.tsx'
import { LoadNotice } from '../parts/load-notice.tsx'
import { PageHeading } from '../parts/page-heading.tsx'
import { Skeleton } from '../parts/skeleton.tsx'
import { onCallSentence } from '../words/on-call-sentence.ts'

const OnCallContent = fetchedPart(
  async () => (await import('../parts/on-call-content.tsx')).OnCallContent,
)

export function OnCallPage() {
  const resource = useResource<OnCallAnswer>(PATHS.onCall, {
    reloadGapMs: (event) => (event.type === 'on_call' ? RELOAD_GAP_MS : undefined),
  })
  const answer = resource.data
  return (
    <>
      <PageHeading title="On call">{answer ? onCallSentence(answer) : 'Loading …'}</PageHeading>
      <LoadNotice resource={resource} />
      {answer ? (
        <OnCallContent answer={answer} onDone={resource.reload} />
      ) : (
        !resource.problem && <Skeleton rows={8} label="Loading who is on call" />
      )}
    </>
  )
}
