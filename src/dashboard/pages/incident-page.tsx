import type { LiveEvent } from '../../protocol/public-api.ts'
import { addressOf, PATHS } from '../../protocol/public-paths.ts'
import type { IncidentAnswer } from '../live/answers.ts'
import { RELOAD_GAP_MS, useResource } from '../live/use-resource.ts'
import { EvidenceSection } from '../parts/evidence-section.tsx'
import { FailingChecks } from '../parts/failing-checks.tsx'
import { fetchedPart } from '../parts/fetched-part.tsx'
import { FindingList } from '../parts/finding-list.tsx'
import { IncidentHead } from '../parts/incident-head.tsx'
import { LoadNotice } from '../parts/load-notice.tsx'
import { NotificationList } from '../parts/notification-list.tsx'
import { PageHeading } from '../parts/page-heading.tsx'
import { PhaseBar } from '../parts/phase-bar.tsx'
import { Skeleton } from '../parts/skeleton.tsx'
import { Timeline } from '../parts/timeline.tsx'
import { VerificationGate } from '../parts/verification-gate.tsx'

const Inhibited = fetchedPart(async () => (await import('../parts/not-told.tsx')).Inhibited)

export function IncidentPage({ incidentId }: { incidentId: string }) {
  const resource = useResource<IncidentAnswer>(addressOf(PATHS.incident, { incidentId }), {
    reloadGapMs: (event: LiveEvent) =>
      event.type === 'incident' && event.incidentId === incidentId ? RELOAD_GAP_MS : undefined,
  })
  const answer = resource.data
  return (
    <>
      <PageHeading title={incidentId}>
        {answer?.incident.title ?? (resource.problem ? incidentId : `Loading ${incidentId} …`)}
      </PageHeading>
      <LoadNotice resource={resource} />
      {answer ? (
        <IncidentContent answer={answer} />
      ) : (
        !resource.problem && <Skeleton rows={10} label="Loading the incident" />
      )}
    </>
  )
}

function IncidentContent({ answer }: { answer: IncidentAnswer }) {
  const { incident, headline, events, notifications, inhibited } = answer
  return (
    <>
      <IncidentHead incident={incident} headline={headline} />
      <PhaseBar state={incident.state} />
      <VerificationGate incident={incident} />
      <FindingList findings={incident.findings} />
      <FailingChecks findings={incident.findings} />
      {inhibited?.length ? <Inhibited inhibited={inhibited} /> : null}
      <EvidenceSection findings={incident.findings} />
      <Timeline events={events} findings={incident.findings} />
      <NotificationList notifications={notifications} />
    </>
  )
}
