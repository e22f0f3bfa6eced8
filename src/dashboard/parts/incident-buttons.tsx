import { useState } from 'preact/hooks'
import type { Incident } from '../../protocol/incident.ts'
import { addressOf, PATHS } from '../../protocol/public-paths.ts'
import { actionsFor, type IncidentAction } from '../words/incident-actions.ts'
import { CommandDialog } from './command-dialog.tsx'

/** What people may do with the incident now: a button each, with a dialog that asks for the rest. */
export function IncidentButtons({ incident, onDone }: { incident: Incident; onDone(): void }) {
  const [chosen, choose] = useState<IncidentAction>()
  const open = incident.findings.filter(({ clearedAt }) => clearedAt === undefined)
  const close = () => choose(undefined)
  return (
    <section class="incident-buttons" aria-label="What you can do">
      {actionsFor(incident, open.length).map((action, index) => (
        <button
          key={action.label}
          type="button"
          class={index === 0 ? 'main-button' : undefined}
          onClick={() => choose(seenNow(action, incident))}
        >
          {action.label}
        </button>
      ))}
      {chosen && (
        <CommandDialog
          key={chosen.label}
          title={chosen.label}
          means={chosen.means}
          address={addressOf(PATHS.incidentCommand, {
            incidentId: incident.id,
            command: chosen.command,
          })}
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
