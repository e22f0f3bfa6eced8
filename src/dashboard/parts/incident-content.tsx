import type { IncidentAnswer } from '../live/answers.ts'
import '../styles/leading.css'
import { EvidenceSection } from './evidence-section.tsx'
import { FailingChecks } from './failing-checks.tsx'
import { FindingList } from './finding-list.tsx'
import { IncidentButtons } from './incident-buttons.tsx'
import { IncidentHead } from './incident-head.tsx'
import { IncidentLinks } from './incident-links.tsx'
import { IncidentMatrix } from './incident-matrix.tsx'
import { IncidentTimesSection } from './incident-times.tsx'
import { LeadingSection } from './leading-section.tsx'
import { MitigationList } from './mitigation-list.tsx'
import { Inhibited } from './not-told.tsx'
import { NotificationList } from './notification-list.tsx'
import { OnCallLine } from './on-call-line.tsx'
import { PhaseBar } from './phase-bar.tsx'
import { RunbookChecklists } from './runbook-checklists.tsx'
import { Timeline } from './timeline.tsx'
import { TriageCard } from './triage-card.tsx'
import { VerificationGate } from './verification-gate.tsx'
import { WatchNote } from './watch-note.tsx'

/** Everything that is told of an incident, and what people may do with it. */
export function IncidentContent({ answer, reload }: { answer: IncidentAnswer; reload(): void }) {
  const { incident, headline, detection, events, notifications, triage, inhibited, gate } = answer
  return (
    <>
      <IncidentHead incident={incident} headline={headline} detection={detection} />
      <IncidentButtons incident={incident} onDone={reload} />
      <LeadingSection answer={answer} onDone={reload} />
      <OnCallLine serviceId={incident.serviceId} severity={incident.severity} />
      <PhaseBar state={incident.state} />
      <IncidentLinks incident={incident} />
      <VerificationGate incident={incident} gate={gate} onDone={reload} />
      <WatchNote watch={incident.watch} />
      <RunbookChecklists answer={answer} onDone={reload} />
      <TriageCard card={triage} />
      <MitigationList incident={incident} toolbox={triage.toolbox} onDone={reload} />
      <FindingList
        findings={incident.findings}
        counted={incident.countedFindings?.length ?? 0}
        notSeen={triage.corroboration.notSeen}
      />
      <IncidentMatrix incidentId={incident.id} />
      <FailingChecks findings={incident.findings} />
      <Inhibited inhibited={inhibited} />
      <EvidenceSection findings={incident.findings} />
      <IncidentTimesSection times={answer.times} />
      <Timeline
        events={events}
        findings={incident.findings}
        corrections={answer.leading?.corrections ?? []}
        incidentId={incident.id}
        onDone={reload}
      />
      <NotificationList notifications={notifications} />
    </>
  )
}
