import { addressOf, PATHS } from '../../protocol/public-paths.ts'
import type { RunAnswer } from '../live/answers.ts'
import { RELOAD_GAP_MS, useResource } from '../live/use-resource.ts'
import { fetchedPart } from '../parts/fetched-part.tsx'
import { LoadNotice } from '../parts/load-notice.tsx'
import { PageHeading } from '../parts/page-heading.tsx'
import { Skeleton } from '../parts/skeleton.tsx'
import { runSentence } from '../words/run-sentence.ts'

const RunContent = fetchedPart(async () => (await import('../parts/run-content.tsx')).RunContent)

export function RunPage({ runId }: { runId: string }) {
  const resource = useResource<RunAnswer>(addressOf(PATHS.run, { runId }), {
    reloadGapMs: (event) =>
      event.type === 'artifact' && event.runId === runId ? RELOAD_GAP_MS : undefined,
  })
  const answer = resource.data
  const title = answer ? `${answer.run.checkId} in ${answer.run.regionId}` : 'Run'
  return (
    <>
      <PageHeading title={title}>
        {answer ? runSentence(answer.run) : resource.problem ? 'No such run' : 'Loading the run …'}
      </PageHeading>
      <LoadNotice resource={resource} />
      {answer ? (
        <RunContent answer={answer} />
      ) : (
        !resource.problem && <Skeleton rows={8} label="Loading the run" />
      )}
    </>
  )
}
