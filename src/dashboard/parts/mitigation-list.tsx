import { useState } from 'preact/hooks'
import type { Incident } from '../../protocol/incident.ts'
import type { Mitigation } from '../../protocol/mitigation.ts'
import { addressOf, PATHS } from '../../protocol/public-paths.ts'
import type { IncidentAnswer } from '../live/answers.ts'
import { pageAddress } from '../routing/route.ts'
import { isOpenState } from '../words/incident-words.ts'
import { MITIGATION_WORDS } from '../words/verification-words.ts'
import { CommandDialog } from './command-dialog.tsx'
import { Age, Moment } from './moment.tsx'

const TONE: { readonly [V in NonNullable<Mitigation['effect']>['verdict']]: string } = {
  worked: 'tone-passed',
  helped: 'tone-degraded',
  no_effect: 'tone-failed',
  worse: 'tone-failed',
  unknown: 'tone-unknown',
}

/** What was done so that the impact ends, with what the probes say of it, and what worked before. */
export function MitigationList(props: {
  incident: Incident
  toolbox: IncidentAnswer['triage']['toolbox']
  onDone(): void
}) {
  const { incident, toolbox = [], onDone } = props
  const [undone, undo] = useState<Mitigation>()
  const { mitigations = [] } = incident
  const tools = isOpenState(incident.state) ? toolbox : []
  if (mitigations.length === 0 && tools.length === 0) return null
  const close = () => undo(undefined)
  return (
    <section aria-label="Mitigations">
      <h2>Mitigations</h2>
      <div class="card mitigations">
        {mitigations.length > 0 && (
          <ol>
            {mitigations.toReversed().map((mitigation) => (
              <Entry key={mitigation.id} mitigation={mitigation} onUndo={() => undo(mitigation)} />
            ))}
          </ol>
        )}
        {tools.length > 0 && (
          <div>
            <h3>What was done about incidents like this, the best first</h3>
            <ol>
              {tools.map((tool) => (
                <li key={`${tool.incidentId} ${tool.what}`}>
                  <strong>{titleOf(tool)}</strong>{' '}
                  <span class={TONE[tool.verdict]}>{tool.words}</span>{' '}
                  {tool.isUndone && <span class="quiet">(taken back) </span>}
                  <a href={pageAddress.incident(tool.incidentId)}>{tool.incidentId}</a>
                </li>
              ))}
            </ol>
          </div>
        )}
      </div>
      {undone && (
        <CommandDialog
          title="Take it back"
          means={`${titleOf(undone)} is not in effect any more.`}
          address={addressOf(PATHS.incidentCommand, {
            incidentId: incident.id,
            command: 'undo-mitigation',
          })}
          fields={[{ kind: 'words', name: 'note', label: 'Why', isNeeded: false }]}
          says={{ mitigationId: undone.id }}
          onClose={close}
          onDone={() => {
            close()
            onDone()
          }}
        />
      )}
    </section>
  )
}

const titleOf = ({ kind, target, what }: Pick<Mitigation, 'kind' | 'target' | 'what'>) =>
  `${MITIGATION_WORDS[kind]}${target === undefined ? '' : ` of ${target}`}: ${what}`

function Entry({ mitigation, onUndo }: { mitigation: Mitigation; onUndo(): void }) {
  const { at, by, effect, undone } = mitigation
  return (
    <li>
      <p>
        <strong>{titleOf(mitigation)}</strong>{' '}
        <span class="quiet">
          · {by}, <Moment at={at} /> <Age at={at} suffix=" ago" />
        </span>
      </p>
      <p class={effect ? TONE[effect.verdict] : 'quiet'}>
        {effect ? effect.words : 'the probes compare five minutes before with five minutes after'}
      </p>
      {undone ? (
        <p class="quiet">
          Taken back by {undone.by}, <Moment at={undone.at} />
          {undone.note !== undefined && `: ${undone.note}`}
        </p>
      ) : (
        <button type="button" class="plain-button" onClick={onUndo}>
          Take it back<span class="unseen"> ({titleOf(mitigation)})</span>
        </button>
      )}
    </li>
  )
}
