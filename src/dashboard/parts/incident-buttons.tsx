import { useState } from 'preact/hooks'
import type { Incident } from '../../protocol/incident.ts'
import { addressOf, PATHS } from '../../protocol/public-paths.ts'
import { newCommandId } from '../live/command-id.ts'
import { fetchJson } from '../live/fetch-json.ts'
import { rememberedPerson } from '../live/person.ts'
import { mayAs, ownLogin, sessionStore } from '../live/session.ts'
import { useValue } from '../live/use-value.ts'
import { actionsFor, type IncidentAction } from '../words/incident-actions.ts'
import { CommandDialog } from './command-dialog.tsx'

/** What people may do with the incident now: a button each, with a dialog that asks for the rest. */
export function IncidentButtons({ incident, onDone }: { incident: Incident; onDone(): void }) {
  const [chosen, choose] = useState<IncidentAction>()
  const open = incident.findings.filter(({ clearedAt }) => clearedAt === undefined)
  const [isSending, setSending] = useState(false)
  const close = () => choose(undefined)
  const { me } = useValue(sessionStore)
  const addressFor = ({ command }: IncidentAction) =>
    addressOf(PATHS.incidentCommand, { incidentId: incident.id, command })

  /** What needs no more words is done; where it is refused, the dialog has the reason. */
  async function begin(action: IncidentAction): Promise<void> {
    const written = rememberedPerson()
    const isKnown = ownLogin(me) !== undefined
    if (action.isAtOnce !== true || (!isKnown && written === '')) return choose(action)
    setSending(true)
    const body = { ...(!isKnown && { by: written }), commandId: newCommandId() }
    const answer = await fetchJson(addressFor(action), new AbortController().signal, body)
    setSending(false)
    if ('problem' in answer) choose(action)
    else onDone()
  }
  const actions = actionsFor(incident, open.length).filter(({ isForViewers = false }) =>
    mayAs(me, isForViewers ? 'viewer' : 'responder'),
  )
  if (actions.length === 0) return null
  return (
    <section class="incident-buttons" aria-label="What you can do">
      {actions.map((action, index) => (
        <button
          key={action.label}
          type="button"
          class={index === 0 ? 'main-button' : undefined}
          disabled={isSending}
          onClick={() => void begin(seenNow(action, incident))}
        >
          {action.label}
        </button>
      ))}
      {chosen && (
        <CommandDialog
          key={chosen.label}
          title={chosen.label}
          means={chosen.means}
          address={addressFor(chosen)}
          {...(chosen.isAtOnce !== undefined && { isOfNow: chosen.isAtOnce })}
          fields={chosen.fields}
          says={chosen.says}
          findings={open}
          severity={incident.severity}
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

/** Who acknowledges does so for what they saw when they decided to. */
const seenNow = (action: IncidentAction, { generation }: Incident): IncidentAction =>
  action.command === 'acknowledge' ? { ...action, says: { generation } } : action
