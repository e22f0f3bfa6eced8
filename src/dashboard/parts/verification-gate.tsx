import { useState } from 'preact/hooks'
import { describeDuration } from '../../base/duration.ts'
import type { Incident } from '../../protocol/incident.ts'
import { addressOf, PATHS } from '../../protocol/public-paths.ts'
import type { GateItem, GateStatus } from '../../protocol/verification.ts'
import { coordinatorNow, secondsStore } from '../live/coordinator-time.ts'
import { useValue } from '../live/use-value.ts'
import type { ActionField } from '../words/incident-actions.ts'
import { countdownWords } from '../words/time-words.ts'
import { GATE_STATE_WORDS, GATE_WORDS } from '../words/verification-words.ts'
import { CommandDialog } from './command-dialog.tsx'
import { Moment } from './moment.tsx'

type GateProps = { incident: Incident; gate: GateStatus | undefined; onDone(): void }

/** While an incident verifies: how long it has been clean, what holds, and what it waits for. */
export function VerificationGate({ incident, gate, onDone }: GateProps) {
  useValue(secondsStore)
  const { state, verifyUntil } = incident
  const cleanSince = incident.cleanSince ?? incident.recoveredAt
  if (state !== 'verifying' || cleanSince === undefined || verifyUntil === undefined) return null
  const whole = Math.max(1, verifyUntil - cleanSince)
  const clean = Math.max(0, coordinatorNow() - cleanSince)
  const isOver = clean >= whole
  return (
    <section class="card gate" aria-label="Verification">
      <h2 class="unseen">Verification</h2>
      {isOver ? (
        <p>
          <strong>Clean for {countdownWords(clean)}</strong>, longer than the{' '}
          {describeDuration(whole)} that are asked for. It is restored once everything below holds.
        </p>
      ) : (
        <p>
          <strong>Clean for {countdownWords(clean)}</strong> of {describeDuration(whole)}. It is
          restored at <Moment at={verifyUntil} /> if nothing fails until then:{' '}
          <strong>{countdownWords(whole - clean)}</strong> to go.
        </p>
      )}
      <progress
        max={whole}
        value={Math.min(whole, clean)}
        aria-label="Time that it has been clean"
      />
      {gate && <Conditions incident={incident} gate={gate} onDone={onDone} />}
    </section>
  )
}

/** A dialog of the gate: what it sends, where to, and what it asks for. */
type GateDialog = {
  title: string
  means: string
  address: string
  fields: readonly ActionField[]
  says?: Readonly<Record<string, unknown>>
  isNow?: boolean
}

function Conditions({ incident, gate, onDone }: GateProps & { gate: GateStatus }) {
  const [chosen, choose] = useState<GateDialog>()
  const close = () => choose(undefined)
  return (
    <>
      <ul class="gate-conditions">
        {gate.conditions.map(({ name, state, reason }) => {
          const { sign, word, tone } = GATE_STATE_WORDS[state]
          return (
            <li key={name}>
              <span class={`gate-state ${tone}`}>
                <span aria-hidden="true">{sign} </span>
                {word}
              </span>
              <span>
                <strong>{GATE_WORDS[name]}</strong> <span class="quiet">{reason}</span>
              </span>
              {state === 'waiting' && (
                <span class="gate-buttons">
                  {dialogsFor(name, incident, gate).map((dialog) => (
                    <button key={dialog.title} type="button" onClick={() => choose(dialog)}>
                      {dialog.title}
                    </button>
                  ))}
                </span>
              )}
            </li>
          )
        })}
      </ul>
      <p>
        <button type="button" class="plain-button" onClick={() => choose(overrideDialog(incident))}>
          Restore it in spite of this …
        </button>
      </p>
      {chosen && (
        <CommandDialog
          key={chosen.title}
          {...chosen}
          isOfNow={chosen.isNow === true}
          onClose={close}
          onDone={() => {
            close()
            onDone()
          }}
        />
      )}
    </>
  )
}

const commandAddress = ({ id }: Incident, command: string) =>
  addressOf(PATHS.incidentCommand, { incidentId: id, command })

function dialogsFor(
  name: GateStatus['conditions'][number]['name'],
  incident: Incident,
  gate: GateStatus,
): GateDialog[] {
  switch (name) {
    case 'manual_run':
      return gate.manualChecks.map((check) => ({
        title: `Run ${check.name} now`,
        means: 'All of its regions run it at once; what comes of it counts here.',
        address: addressOf(PATHS.runCheck, { checkId: check.checkId }),
        fields: [],
        isNow: true,
      }))
    case 'reconciliation':
      return [tick(incident, name, 'done', 'Data is reconciled'), defer(incident)]
    case 'communication':
      return [tick(incident, name, 'done', 'People are told')]
    default:
      return []
  }
}

const tick = (incident: Incident, item: GateItem, outcome: 'done', title: string): GateDialog => ({
  title,
  means: 'It is done; what was found is worth a word.',
  address: commandAddress(incident, 'tick-gate'),
  fields: [{ kind: 'words', name: 'note', label: 'What was found or said', isNeeded: false }],
  says: { item, outcome },
})

const defer = (incident: Incident): GateDialog => ({
  title: 'Reconcile later',
  means: 'Somebody looks for data that was left half done, and not now.',
  address: commandAddress(incident, 'tick-gate'),
  fields: [
    { kind: 'line', name: 'owner', label: 'Who does it', isNeeded: true },
    { kind: 'words', name: 'note', label: 'Note', isNeeded: false },
  ],
  says: { item: 'reconciliation', outcome: 'deferred' },
})

const overrideDialog = (incident: Incident): GateDialog => ({
  title: 'Restore in spite of this',
  means: 'You answer for it. Everybody is told, with your name and what does not hold.',
  address: commandAddress(incident, 'override-gate'),
  fields: [{ kind: 'words', name: 'reason', label: 'Why', isNeeded: true }],
})
