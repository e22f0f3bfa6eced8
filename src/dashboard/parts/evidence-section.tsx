import type { Evidence } from '../../protocol/incident.ts'
import type { IncidentFinding } from '../live/answers.ts'
import { pageAddress } from '../routing/route.ts'
import { evidenceSentence } from '../words/event-words.ts'
import { Moment } from './moment.tsx'
import { Screenshot } from './screenshot.tsx'

/** The runs that show what is wrong: the first failing step with its picture, then the others. */
export function EvidenceSection({ findings }: { findings: readonly IncidentFinding[] }) {
  const all = findings
    .flatMap((finding) => finding.evidence)
    .toSorted((a, b) => a.startedAt - b.startedAt)
  const first = all.find((evidence) => evidence.screenshot !== undefined) ?? all[0]
  if (!first) return null
  const others = all.filter((evidence) => evidence !== first)
  return (
    <section aria-label="Evidence">
      <h2>First evidence</h2>
      <div class="card evidence">
        <EvidenceWords evidence={first} />
        {first.screenshot !== undefined && (
          <Screenshot runId={first.runId} name={first.screenshot} shows={evidenceSentence(first)} />
        )}
      </div>
      {others.length > 0 && (
        <details class="card more-evidence">
          <summary>More evidence ({others.length})</summary>
          <ul>
            {others.map((evidence) => (
              <li key={evidence.runId}>
                <EvidenceWords evidence={evidence} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  )
}

function EvidenceWords({ evidence }: { evidence: Evidence }) {
  const { step, checkId, checkName = checkId, regionId, message, errorType } = evidence
  return (
    <div class="evidence-words">
      <p>
        {step !== undefined && (
          <>
            Step <strong>“{step}”</strong> of{' '}
          </>
        )}
        <a href={pageAddress.check(checkId)}>{checkName}</a> failed in <strong>{regionId}</strong>{' '}
        at <Moment at={evidence.startedAt} />
      </p>
      <pre class="message">{message}</pre>
      <p class="quiet">
        <a href={pageAddress.run(evidence.runId)}>
          Open the run<span class="unseen"> of {evidenceSentence(evidence)}</span>
        </a>
        {errorType !== undefined && <> · {errorType}</>}
      </p>
    </div>
  )
}
