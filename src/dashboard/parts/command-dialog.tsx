import { useState } from 'preact/hooks'
import { newCommandId } from '../live/command-id.ts'
import { rememberPerson } from '../live/person.ts'
import type { ActionField } from '../words/incident-actions.ts'
import { FormDialog } from './form-dialog.tsx'
import { WhoseDeed } from './whose-deed.tsx'

/** Longest text that the interface takes. */
const WORDS_LENGTH_MAX = 4_000

export type CommandDialogProps<Answer> = {
  title: string
  means: string
  /** Where it is sent to. */
  address: string
  fields: readonly ActionField[]
  /** What is sent besides. */
  says?: Readonly<Record<string, unknown>> | undefined
  /** Makes the body of what was typed, where the command's is not flat. */
  shape?: ((typed: Readonly<Record<string, unknown>>) => Record<string, unknown>) | undefined
  /** For a field of findings. */
  findings?: readonly { key: string; subject: string }[]
  /** For a field of a service. */
  services?: readonly { serviceId: string; name: string }[]
  /** Of these, the one that is chosen at first; the first when absent. */
  service?: string
  /** For a field of a severity: the present one. */
  severity?: string
  /** Anybody may say it, also without a name, and it is of now. */
  isForAnybody?: boolean
  /** It cannot have happened earlier. */
  isOfNow?: boolean
  /** What takes it knows no commands: sent again it is refused, or another one. */
  isWithoutId?: boolean
  onDone(answer: Answer): void
  onClose(): void
}

/** Asks for what a command needs, sends it, and stays open with the reason when it is refused. */
export function CommandDialog<Answer>(props: CommandDialogProps<Answer>) {
  const { title, fields, says, isForAnybody = false, shape = (typed) => typed } = props
  const isOfNow = props.isOfNow ?? isForAnybody
  const [commandId] = useState(newCommandId)

  function wholeBody(typed: FormData): object {
    const by = String(typed.get('by') ?? '').trim()
    if (by !== '') rememberPerson(by)
    return {
      ...says,
      ...shape(bodyOf(fields, typed)),
      ...occurredAtOf(typed),
      ...(by === '' ? {} : { by }),
      ...(props.isWithoutId === true ? {} : { commandId }),
    }
  }

  return (
    <FormDialog<Answer>
      title={title}
      means={props.means}
      action={title}
      address={props.address}
      bodyOf={wholeBody}
      onDone={props.onDone}
      onClose={props.onClose}
    >
      {fields.map((field) => (
        <Field key={field.name} field={field} dialog={props} />
      ))}
      <WhoseDeed field="by" isOptional={isForAnybody} />
      {!isOfNow && (
        <details>
          <summary>It happened earlier</summary>
          <label>
            When
            <input name="occurredAt" type="datetime-local" step="1" />
          </label>
        </details>
      )}
    </FormDialog>
  )
}

const SEVERITIES = ['SEV-1', 'SEV-2', 'SEV-3', 'SEV-4']

function Field<Answer>(props: { field: ActionField; dialog: CommandDialogProps<Answer> }) {
  const { field, dialog } = props
  const { name, label } = field
  switch (field.kind) {
    case 'words':
      return (
        <label>
          <FieldName field={field} />
          <textarea
            name={name}
            rows={3}
            required={field.isNeeded}
            maxLength={WORDS_LENGTH_MAX}
            defaultValue={field.value}
          />
        </label>
      )
    case 'line':
      return (
        <label>
          <FieldName field={field} />
          <input
            name={name}
            required={field.isNeeded}
            placeholder={field.hint}
            maxLength={200}
            defaultValue={field.value}
          />
        </label>
      )
    case 'time':
      return (
        <label>
          <span>
            {label} <span class="quiet">({field.hint})</span>
          </span>
          <input name={name} type="datetime-local" />
        </label>
      )
    case 'flag':
      return (
        <label class="flag">
          <input type="checkbox" name={name} />
          {label}
        </label>
      )
    case 'severity':
      return (
        <fieldset>
          <legend>{label}</legend>
          {SEVERITIES.map((severity) => (
            <label key={severity} class="choice">
              <input
                type="radio"
                name={name}
                value={severity}
                required
                defaultChecked={severity === dialog.severity}
              />
              {severity}
            </label>
          ))}
        </fieldset>
      )
    case 'day':
      return (
        <label>
          {label}
          <input name={name} type="date" required />
        </label>
      )
    case 'choice':
      return (
        <label>
          {label}
          <select name={name} required={field.value === undefined}>
            {field.options.map(({ value, text }) => (
              <option key={value} value={value} selected={value === field.value}>
                {text}
              </option>
            ))}
          </select>
        </label>
      )
    case 'service':
      return (
        <label>
          {label}
          <select name={name} required>
            {(dialog.services ?? []).map(({ serviceId, name: serviceName }) => (
              <option key={serviceId} value={serviceId} selected={serviceId === dialog.service}>
                {serviceName}
              </option>
            ))}
          </select>
        </label>
      )
    case 'findings':
      return (
        <fieldset>
          <legend>{label}</legend>
          {(dialog.findings ?? []).map(({ key, subject }) => (
            <label key={key} class="choice">
              <input type="checkbox" name={name} value={key} />
              {subject}
            </label>
          ))}
        </fieldset>
      )
  }
}

const FieldName = ({ field }: { field: Extract<ActionField, { isNeeded: boolean }> }) => (
  <span>
    {field.label}
    {!field.isNeeded && <span class="quiet"> (optional)</span>}
  </span>
)

/** What was typed, as the command's body; what was left empty is not in it. */
function bodyOf(fields: readonly ActionField[], typed: FormData): Record<string, unknown> {
  const entries = fields.map(({ kind, name }) => {
    if (kind === 'day') return [name, endOfDay(String(typed.get(name) ?? ''))]
    if (kind === 'findings') return [name, typed.getAll(name)]
    if (kind === 'flag') return [name, typed.has(name) ? true : undefined]
    const written = String(typed.get(name) ?? '')
    if (kind === 'time') return [name, written === '' ? undefined : new Date(written).getTime()]
    const text = String(typed.get(name) ?? '').trim()
    return [name, text === '' ? undefined : name === 'into' ? text.toUpperCase() : text]
  })
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}

function occurredAtOf(typed: FormData): { occurredAt?: number } {
  const written = String(typed.get('occurredAt') ?? '')
  return written === '' ? {} : { occurredAt: new Date(written).getTime() }
}

/** A day is over when it is over where the person is. */
const endOfDay = (day: string) => new Date(`${day}T23:59:59`).getTime()
