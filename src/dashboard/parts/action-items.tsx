import { useState } from 'preact/hooks'
import type { ActionItem } from '../../protocol/postmortem.ts'
import { addressOf, PATHS } from '../../protocol/public-paths.ts'
import { coordinatorNow } from '../live/coordinator-time.ts'
import { pageAddress } from '../routing/route.ts'
import type { ActionField } from '../words/incident-actions.ts'
import { dateTime } from '../words/time-words.ts'
import { CommandDialog } from './command-dialog.tsx'

const options = (...values: string[]) => values.map((value) => ({ value, text: value }))

const FIELDS: readonly ActionField[] = [
  { kind: 'line', name: 'title', label: 'What is to be done', isNeeded: true },
  { kind: 'line', name: 'owner', label: 'Who does it', isNeeded: true },
  { kind: 'day', name: 'dueAt', label: 'Until' },
  { kind: 'choice', name: 'priority', label: 'Priority', options: options('P1', 'P2', 'P3') },
  {
    kind: 'choice',
    name: 'type',
    label: 'It helps to',
    options: options('prevent', 'detect', 'mitigate', 'process'),
  },
  { kind: 'line', name: 'ticket', label: 'Ticket', isNeeded: false },
]
const PROOF: ActionField = {
  kind: 'words',
  name: 'proof',
  label: 'What shows it, such as a check that is green',
  isNeeded: false,
}

/** What is to be done, with owner and date; what is late says so. */
export function ActionItems(props: {
  items: readonly ActionItem[]
  /** Where another is added; absent where none can be. */
  addAddress?: string | undefined
  /** With the incident that each is of. */
  isOfMany?: boolean
  onDone(): void
}) {
  const { items, addAddress, isOfMany = false, onDone } = props
  const [chosen, choose] = useState<ActionItem | 'add'>()
  const finish = () => {
    choose(undefined)
    onDone()
  }
  return (
    <section class="card postmortem-section" aria-label="Action items">
      <h2>Action items</h2>
      {items.length === 0 && <p class="quiet">Nothing is to be done yet.</p>}
      <ul class="action-items">
        {items.map((item) => (
          <li key={item.id}>
            <span class={standing(item).tone}>{standing(item).words}</span>
            <span>
              <strong>{item.title}</strong>{' '}
              <span class="quiet">
                {item.id} · {item.owner} · {item.priority} · {item.type}
                {item.ticket !== undefined && ` · ${item.ticket}`}
              </span>{' '}
              {isOfMany && <a href={pageAddress.postmortem(item.incidentId)}>{item.incidentId}</a>}
            </span>
            {!item.done && (
              <button type="button" class="plain-button" onClick={() => choose(item)}>
                Done<span class="unseen">: {item.title}</span>
              </button>
            )}
          </li>
        ))}
      </ul>
      {addAddress !== undefined && (
        <button type="button" onClick={() => choose('add')}>
          Add an action item
        </button>
      )}
      {chosen === 'add' && addAddress !== undefined && (
        <CommandDialog
          title="Add an action item"
          means="One person does it, until a day."
          address={addAddress}
          fields={FIELDS}
          isOfNow={true}
          isWithoutId={true}
          onClose={() => choose(undefined)}
          onDone={finish}
        />
      )}
      {chosen !== undefined && chosen !== 'add' && (
        <CommandDialog
          title="It is done"
          means={chosen.title}
          address={addressOf(PATHS.actionItem, { itemId: chosen.id })}
          fields={[PROOF]}
          says={{ isDone: true }}
          isOfNow={true}
          isWithoutId={true}
          onClose={() => choose(undefined)}
          onDone={finish}
        />
      )}
    </section>
  )
}

function standing({ done, dueAt }: ActionItem): { words: string; tone: string } {
  if (done) return { words: '✓ done', tone: 'tone-passed' }
  return dueAt < coordinatorNow()
    ? { words: `✗ overdue since ${dateTime(dueAt)}`, tone: 'tone-failed' }
    : { words: `… due ${dateTime(dueAt)}`, tone: 'tone-unknown' }
}
