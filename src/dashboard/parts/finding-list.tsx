import type { IncidentFinding } from '../live/answers.ts'
import { pageAddress } from '../routing/route.ts'
import { findingReach } from '../words/incident-words.ts'
import { Moment } from './moment.tsx'

/** What is wrong, one by one: those that are not clear first. */
export function FindingList(props: {
  findings: readonly IncidentFinding[]
  /** Open ones that the incident only counts. */
  counted: number
}) {
  const { findings, counted } = props
  const isClear = (finding: IncidentFinding) => finding.clearedAt !== undefined
  const ordered = [...findings.filter((f) => !isClear(f)), ...findings.filter(isClear)]
  const open = findings.length - findings.filter(isClear).length + counted
  if (findings.length === 0) return null
  return (
    <section aria-label="Findings">
      <h2>
        {open === 0
          ? 'All findings are clear'
          : `What is wrong (${open} of ${findings.length + counted})`}
      </h2>
      <ul class="card findings">
        {ordered.map((finding) => (
          <li key={finding.key} class={isClear(finding) ? 'finding-clear' : ''}>
            <p>
              <FindingSign isClear={isClear(finding)} />
              <FindingSubject finding={finding} />
              {finding.clearedAt !== undefined && (
                <span class="tone-passed">
                  , clear since <Moment at={finding.clearedAt} />
                </span>
              )}
            </p>
            <p class="quiet">
              {finding.kind === 'check_failing' && `${finding.tier} check, `}
              {finding.scope === 'unknown' ? 'scope unknown' : finding.scope}, first seen{' '}
              <Moment at={finding.since} />: {finding.reason}
            </p>
          </li>
        ))}
        {counted > 0 && <li>and {counted.toLocaleString('en')} more, which are awaited as well</li>}
      </ul>
    </section>
  )
}

function FindingSign({ isClear }: { isClear: boolean }) {
  return (
    <span class={isClear ? 'tone-passed' : 'tone-failed'} aria-hidden="true">
      {isClear ? '✓ ' : '✗ '}
    </span>
  )
}

function FindingSubject({ finding }: { finding: IncidentFinding }) {
  if (finding.kind === 'signal' || finding.kind === 'objective_burning')
    return <SignalSubject finding={finding} />
  const isOver = finding.clearedAt !== undefined
  const verb =
    finding.kind === 'check_degraded'
      ? isOver
        ? 'was degraded'
        : 'is degraded'
      : finding.kind === 'no_data'
        ? isOver
          ? 'told nothing'
          : 'tells nothing'
        : isOver
          ? 'failed'
          : 'fails'
  if (finding.kind === 'region_silent')
    return (
      <>
        Region <strong>{finding.subject}</strong>{' '}
        {finding.clearedAt === undefined ? 'is silent' : 'was silent'}
      </>
    )
  if (finding.kind === 'region_failing')
    return (
      <>
        Region <strong>{finding.subject}</strong> {isOver ? 'was' : 'is'} in trouble
      </>
    )
  return (
    <>
      {finding.checkId === undefined ? (
        <strong>{finding.subject}</strong>
      ) : (
        <a href={pageAddress.check(finding.checkId)}>{finding.subject}</a>
      )}{' '}
      {verb} {findingReach(finding)}
    </>
  )
}

function SignalSubject({ finding: { subject, source, kind } }: { finding: IncidentFinding }) {
  return (
    <>
      <strong>{subject}</strong>
      {kind === 'objective_burning' && ' burns its error budget'}
      {source && (
        <>
          , says {source.link === undefined ? source.name : <a href={source.link}>{source.name}</a>}
        </>
      )}
    </>
  )
}
