import type { Layer } from '../../protocol/finding-kind.ts'
import { layerOf } from '../../protocol/layer-of.ts'
import type { IncidentFinding } from '../live/answers.ts'
import { pageAddress } from '../routing/route.ts'
import { findingReach } from '../words/incident-words.ts'
import { joinNames } from '../words/quantity.ts'
import { LAYER_WORDS } from '../words/triage-words.ts'
import { Moment } from './moment.tsx'

/** What is wrong, by the layer that saw it, what is not clear first; and which layers saw nothing. */
export function FindingList(props: {
  findings: readonly IncidentFinding[]
  /** Open ones that the incident only counts. */
  counted: number
  /** Layers that watch as well. */
  notSeen: readonly Layer[]
}) {
  const { findings, counted, notSeen } = props
  const open = findings.filter((finding) => !isClear(finding)).length + counted
  if (findings.length === 0) return null
  const byLayer = [...Map.groupBy(findings, layerOf)]
  return (
    <section aria-label="Findings">
      <h2>
        {open === 0
          ? 'All findings are clear'
          : `What is wrong (${open} of ${findings.length + counted})`}
      </h2>
      <div class="card findings-by-layer">
        {byLayer.map(([layer, seen]) => (
          <div key={layer}>
            <h3>
              Seen by {LAYER_WORDS[layer]} <span class="quiet">({seen.length})</span>
            </h3>
            <ul class="findings">
              {[...seen.filter((one) => !isClear(one)), ...seen.filter(isClear)].map((finding) => (
                <FindingLine key={finding.key} finding={finding} />
              ))}
            </ul>
          </div>
        ))}
        {counted > 0 && <p>and {counted.toLocaleString('en')} more, which are awaited as well</p>}
        {notSeen.length > 0 && (
          <p class="quiet">
            Nothing from {joinNames(notSeen.map((layer) => LAYER_WORDS[layer]))}, which watch as
            well.
          </p>
        )}
      </div>
    </section>
  )
}

const isClear = (finding: IncidentFinding) => finding.clearedAt !== undefined

function FindingLine({ finding }: { finding: IncidentFinding }) {
  return (
    <li class={isClear(finding) ? 'finding-clear' : ''}>
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
