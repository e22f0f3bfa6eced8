import { formatDuration } from '../../base/duration.ts'
import type { CheckDefinition } from '../../protocol/check.ts'
import type { CheckAnswer } from '../live/answers.ts'
import { useCheck } from '../live/use-check.ts'
import { CheckList } from '../parts/check-list.tsx'
import { FailureList } from '../parts/failure-list.tsx'
import { fetchedPart } from '../parts/fetched-part.tsx'
import { LatencySection } from '../parts/latency-section.tsx'
import { LoadNotice } from '../parts/load-notice.tsx'
import { Moment } from '../parts/moment.tsx'
import { PageHeading } from '../parts/page-heading.tsx'
import { RunList } from '../parts/run-list.tsx'
import { Skeleton } from '../parts/skeleton.tsx'
import { pageAddress } from '../routing/route.ts'
import { checkSentence } from '../words/check-sentence.ts'

const AlertVotes = fetchedPart(async () => (await import('../parts/alert-votes.tsx')).AlertVotes)
const DefinitionSection = fetchedPart(
  async () => (await import('../parts/definition-section.tsx')).DefinitionSection,
)

export function CheckPage({ checkId }: { checkId: string }) {
  const resource = useCheck(checkId)
  const answer = resource.data
  return (
    <>
      <PageHeading title={answer?.definition.name ?? checkId}>
        {answer
          ? checkSentence(answer.overview)
          : resource.problem
            ? checkId
            : `Loading ${checkId} …`}
      </PageHeading>
      <LoadNotice resource={resource} />
      {answer ? (
        <CheckContent answer={answer} />
      ) : (
        !resource.problem && <Skeleton rows={6} label="Loading the check" />
      )}
    </>
  )
}

function CheckContent({ answer }: { answer: CheckAnswer }) {
  const { definition, overview, detection, watch } = answer
  return (
    <>
      <p class="incident-facts">
        <strong>{definition.name}</strong>
        <span class="quiet">{definition.id}</span>
        <span>{definition.kind}</span>
        <span>{definition.tier}</span>
        <span>{scheduleWords(definition)}</span>
        <span>service {definition.serviceId}</span>
      </p>
      {watch && (
        <p class="card">
          <strong>
            Watched closer until <Moment at={watch.until} />
          </strong>{' '}
          because of <a href={pageAddress.incident(watch.incidentId)}>{watch.incidentId}</a>: it is
          run twice as often
          {watch.changes.length > 0 && `, with ${watch.changes.join(', ')}`}.
        </p>
      )}
      <CheckList
        title="By region, over time"
        checks={[overview]}
        regionIds={overview.regions.map((region) => region.regionId)}
      />
      <FailureList checkId={definition.id} />
      <LatencySection checkId={definition.id} regionIds={definition.regions} />
      <AlertVotes
        definition={definition}
        alert={overview.alert}
        rule={watch?.rule ?? definition.alert}
        detection={detection}
      />
      <RunList checkId={definition.id} regionIds={definition.regions} />
      <DefinitionSection definition={definition} />
    </>
  )
}

function scheduleWords({ schedule, regions }: CheckDefinition): string {
  if (schedule.kind === 'cron') return `at ${schedule.expression} (${schedule.timeZone})`
  const every = formatDuration(schedule.everyMs)
  return regions.length === 1
    ? `every ${every}`
    : `every ${every} in each of ${regions.length} regions`
}
