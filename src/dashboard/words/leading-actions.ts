import type { IncidentRole } from '../../protocol/leading.ts'
import type { LeadingView } from '../../protocol/leading-view.ts'
import type { ComponentStatus, PublicStatus } from '../../protocol/status-page.ts'
import type { ActionField, PanelCommand } from './incident-actions.ts'
import { ROLE_WORDS } from './leading-words.ts'

/** Something that is done where it stands on the page, with what its dialog asks for. */
export type LeadingAction = {
  command: PanelCommand | 'note'
  /** On the button. */
  label: string
  /** Heading of the dialog, and its button. */
  title: string
  means: string
  fields: readonly ActionField[]
  says?: Readonly<Record<string, string | number | boolean>>
  /** Makes the command's body of what was typed, where it is not flat. */
  shape?: (typed: Readonly<Record<string, unknown>>) => Record<string, unknown>
}

const note: ActionField = { kind: 'words', name: 'note', label: 'Note', isNeeded: false }

/** What can be done about a role: take one that is free, or hand over, take over and give up. */
export function roleActions(role: IncidentRole, holder: string | undefined): LeadingAction[] {
  const name = ROLE_WORDS[role]
  const means =
    role === 'incident_commander'
      ? 'You decide and coordinate. It is announced on the timeline and to channels.'
      : `You are ${name} from here on.`
  if (holder === undefined)
    return [
      {
        ...{ command: 'take-role', label: 'Take', title: `Take ${name}`, means },
        fields: [note],
        says: { role },
      },
    ]
  return [
    {
      ...{ command: 'hand-over', label: 'Hand over', title: `Hand over ${name}` },
      means: `${holder} has it until now.`,
      fields: [{ kind: 'line', name: 'to', label: 'To whom', isNeeded: true }, note],
      says: { role },
    },
    {
      ...{ command: 'give-up', label: 'Give up', title: `Give up ${name}` },
      means: 'Nobody has it afterwards.',
      fields: [note],
      says: { role },
    },
  ]
}

export const planNext: LeadingAction = {
  ...{ command: 'next-action', label: 'Say what is next', title: 'Say what is next' },
  means: 'One thing, with who does it.',
  fields: [
    { kind: 'line', name: 'text', label: 'What', isNeeded: true },
    { kind: 'line', name: 'who', label: 'Who', isNeeded: false },
  ],
}

export const nextDone: LeadingAction = {
  ...{ command: 'next-action', label: 'It is done', title: 'It is done' },
  means: 'What came of it goes on the timeline as a result.',
  fields: [{ kind: 'words', name: 'result', label: 'What came of it', isNeeded: true }],
}

const decision = (label: string, means: string, value: string): LeadingAction => ({
  ...{ command: 'note', label, title: label, means },
  fields: [{ kind: 'words', name: 'text', label: 'Decision', isNeeded: true, value }],
  says: { as: 'decision' },
})

/** What whoever leads may answer when nothing has happened for a while. */
export const progressNotes: readonly LeadingAction[] = [
  decision('Change the approach', 'What is done instead, and why.', 'We change the approach: '),
  decision('Bring in help', 'Whom you ask, and for what.', 'We bring in help: '),
  decision('Go on for 15 min', 'Why it is right to go on.', 'We go on like this: '),
]

const STATUSES: readonly PublicStatus[] = ['investigating', 'identified', 'monitoring', 'resolved']
const COMPONENT_WORDS: { readonly [S in ComponentStatus]: string } = {
  operational: 'works',
  degraded_performance: 'slower than usual',
  partial_outage: 'not working for some',
  major_outage: 'not working',
}
/** Names of fields that choose a component's status begin so. */
const COMPONENT = 'component '

/** The update, filled in from the evidence; the public is told only when somebody says so. */
export function postUpdate({ draft, components }: LeadingView): LeadingAction {
  const { internal, public: told, isLast } = draft
  const inside: ActionField[] = [
    { kind: 'words', name: 'impact', label: 'Impact', isNeeded: true, value: internal.impact },
    {
      ...{ kind: 'words', name: 'currentStatus', label: 'Current Status', isNeeded: true },
      value: internal.currentStatus,
    },
    {
      ...{ kind: 'words', name: 'nextSteps', label: 'Next Steps', isNeeded: true },
      value: internal.nextSteps,
    },
    {
      ...{ kind: 'time', name: 'nextAt', label: 'Next Update' },
      hint: isLast ? 'none when empty' : 'as the severity asks when empty',
    },
  ]
  const outside: ActionField[] = told
    ? [
        { kind: 'flag', name: 'isPublic', label: 'Tell the public too, in these words:' },
        { kind: 'line', name: 'title', label: 'Title', isNeeded: false, value: told.title },
        {
          ...{ kind: 'choice', name: 'status', label: 'Public status', value: told.status },
          options: STATUSES.map((value) => ({ value, text: value })),
        },
        {
          ...{ kind: 'words', name: 'acknowledgement', label: 'We know of it', isNeeded: false },
          value: told.acknowledgement,
        },
        {
          ...{ kind: 'words', name: 'publicImpact', label: 'What customers see', isNeeded: false },
          value: told.impact,
        },
        {
          ...{ kind: 'words', name: 'work', label: 'What we do about it', isNeeded: false },
          value: told.work,
        },
        ...components.map(({ id, name }): ActionField => {
          const status = told.components.find((component) => component.id === id)?.status
          return {
            ...{ kind: 'choice', name: `${COMPONENT}${id}`, label: name, value: status ?? '' },
            options: [
              { value: '', text: 'as it was' },
              ...Object.entries(COMPONENT_WORDS).map(([value, text]) => ({ value, text })),
            ],
          }
        }),
        { kind: 'flag', name: 'isMeant', label: 'Publish it whatever is said against its words' },
      ]
    : []
  return {
    ...{ command: 'update', label: 'Write the update', title: 'Post the update' },
    means: `Severity: ${internal.severity}. Filled in from the evidence; read it before you send it.`,
    fields: [...inside, ...outside],
    shape: (typed) => updateBody(typed, isLast),
  }
}

function updateBody(
  typed: Readonly<Record<string, unknown>>,
  isLast: boolean,
): Record<string, unknown> {
  const { impact, currentStatus, nextSteps, nextAt, isPublic, isMeant } = typed
  const components = Object.entries(typed).flatMap(([name, status]) =>
    name.startsWith(COMPONENT) ? [{ id: name.slice(COMPONENT.length), status }] : [],
  )
  return {
    ...{ impact, currentStatus, nextSteps },
    ...(nextAt === undefined ? isLast && { isLast: true } : { nextAt }),
    ...(isMeant === true && { isMeant }),
    ...(isPublic === true && {
      public: {
        title: typed.title,
        status: typed.status,
        acknowledgement: typed.acknowledgement,
        impact: typed.publicImpact,
        work: typed.work,
        components,
      },
    }),
  }
}
