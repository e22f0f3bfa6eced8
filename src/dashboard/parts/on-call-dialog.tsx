import { useState } from 'preact/hooks'
import { PATHS } from '../../protocol/public-paths.ts'
import type { OnCallAnswer } from '../live/answers.ts'
import { coordinatorNow } from '../live/coordinator-time.ts'
import { rememberPerson } from '../live/person.ts'
import { FormDialog } from './form-dialog.tsx'
import { WhoseDeed } from './whose-deed.tsx'

export type ChangeKind = 'override' | 'swap' | 'absence'

const TITLES: Record<ChangeKind, { title: string; means: string }> = {
  override: {
    title: 'Take over a duty',
    means: 'Somebody has it for this time, whoever has the turn.',
  },
  swap: { title: 'Swap turns', means: 'Two have the turns of each other within this time.' },
  absence: {
    title: 'Say who is absent',
    means: 'Whoever is next in the order has their turns.',
  },
}

const DAY_MS = 86_400_000
const REASON_LENGTH_MAX = 500

type Props = {
  kind: ChangeKind
  answer: OnCallAnswer
  onDone(): void
  onClose(): void
}

/** Asks for an override, a swap or an absence; stays open with the reason when it is refused. */
export function OnCallDialog({ kind, answer, onDone, onClose }: Props) {
  const { title, means } = TITLES[kind]
  const [now] = useState(coordinatorNow)
  return (
    <FormDialog
      title={title}
      means={means}
      action={title}
      address={PATHS.onCallChanges}
      bodyOf={(typed) => {
        const author = String(typed.get('author') ?? '').trim()
        if (author !== '') rememberPerson(author)
        return bodyOf(kind, typed)
      }}
      onDone={onDone}
      onClose={onClose}
    >
      <PersonField name="person" label="Who" answer={answer} />
      {kind === 'swap' && <PersonField name="other" label="With whom" answer={answer} />}
      {kind !== 'absence' && <DutyFields answer={answer} />}
      <label>
        From
        <input name="from" type="datetime-local" required defaultValue={localTime(now)} />
      </label>
      <label>
        Until
        <input name="until" type="datetime-local" required defaultValue={localTime(now + DAY_MS)} />
      </label>
      <label>
        <span>
          Why <span class="quiet">(optional)</span>
        </span>
        <input name="reason" maxLength={REASON_LENGTH_MAX} />
      </label>
      <WhoseDeed field="author" />
    </FormDialog>
  )
}

function PersonField(props: { name: string; label: string; answer: OnCallAnswer }) {
  const { name, label, answer } = props
  return (
    <label>
      {label}
      <select name={name} required>
        {answer.people.map((person) => (
          <option key={person.id} value={person.id}>
            {person.name}
          </option>
        ))}
      </select>
    </label>
  )
}

function DutyFields({ answer }: { answer: OnCallAnswer }) {
  return (
    <>
      <label>
        Rotation
        <select name="rotation" required>
          {answer.rotations.map((rotation) => (
            <option key={rotation.id} value={rotation.id}>
              {rotation.name}
            </option>
          ))}
        </select>
      </label>
      <label>
        As
        <select name="role">
          <option value="primary">primary: is paged first</option>
          <option value="secondary">secondary: stands behind</option>
        </select>
      </label>
    </>
  )
}

function bodyOf(kind: ChangeKind, typed: FormData): object {
  const text = (name: string) => String(typed.get(name) ?? '').trim()
  const reason = text('reason')
  const author = text('author')
  const common = {
    kind,
    from: new Date(text('from')).getTime(),
    until: new Date(text('until')).getTime(),
    ...(author !== '' && { author }),
    ...(reason !== '' && { reason }),
  }
  if (kind === 'absence') return { ...common, personId: text('person') }
  const duty = { ...common, rotationId: text('rotation'), role: text('role') }
  return kind === 'swap'
    ? { ...duty, between: [text('person'), text('other')] }
    : { ...duty, personId: text('person') }
}

/** As a field of the browser wants it, in the viewer's zone: `2026-11-30T12:00`. */
function localTime(instant: number): string {
  const offsetMs = new Date(instant).getTimezoneOffset() * 60_000
  return new Date(instant - offsetMs).toISOString().slice(0, 16)
}
