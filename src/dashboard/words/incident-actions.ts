import type { Incident, IncidentState } from '../../protocol/incident.ts'
import type { CommandName } from '../../protocol/incident-command.ts'
import { MITIGATION_WORDS } from './verification-words.ts'

/** What a dialog asks for; the name is that of the command's field. */
export type ActionField =
  | { kind: 'words'; name: string; label: string; isNeeded: boolean; value?: string }
  | {
      kind: 'line'
      name: string
      label: string
      isNeeded: boolean
      hint?: string
      value?: string
    }
  /** A time that is still to come; nothing when it is left empty. */
  | { kind: 'time'; name: string; label: string; hint: string }
  | { kind: 'flag'; name: string; label: string }
  | { kind: 'severity'; name: string; label: string }
  | { kind: 'findings'; name: string; label: string }
  | { kind: 'service'; name: string; label: string }
  | { kind: 'day'; name: string; label: string }
  | {
      kind: 'choice'
      name: string
      label: string
      /** What is chosen at first; the first one when absent. */
      value?: string
      options: readonly { value: string; text: string }[]
    }

export type IncidentAction = {
  command: CommandName
  /** On the button, and the heading of the dialog. */
  label: string
  /** What it means, in the dialog. */
  means: string
  states: readonly IncidentState[]
  fields: readonly ActionField[]
  /** Fields of the command that the button itself says. */
  says?: Readonly<Record<string, string | number>>
  /** Who may only read may do it too. */
  isForViewers?: boolean
  /** It asks for nothing and is of now: one click does it, once it is known who clicks. */
  isAtOnce?: boolean
}

/** Commands that stand where they belong on the page: at a role, a tile, a step, an entry. */
export type PanelCommand =
  | 'take-role'
  | 'hand-over'
  | 'give-up'
  | 'next-action'
  | 'correct'
  | 'step-done'
  | 'step-undone'
  | 'update'

const OPEN = ['triage', 'mitigating', 'verifying'] as const
const note: ActionField = { kind: 'words', name: 'note', label: 'Note', isNeeded: false }
const dataAtRisk: ActionField = {
  kind: 'line',
  name: 'dataAtRisk',
  label: 'Which data may be lost or wrong, if you fear that',
  isNeeded: false,
}
const reason = (label = 'Reason'): ActionField => ({
  kind: 'words',
  name: 'reason',
  label,
  isNeeded: true,
})

/** What people may do with an incident, in the order of the buttons; a test holds it to the rules. */
export const INCIDENT_ACTIONS: readonly IncidentAction[] = [
  {
    command: 'acknowledge',
    label: 'Acknowledge',
    means: 'You have it. Once it becomes wider or worse, it is news again.',
    states: OPEN,
    fields: [note],
  },
  {
    command: 'sweep',
    label: 'Sweep the signals',
    means:
      'Asks every query and runs every check of its services now; the answers come on the timeline.',
    states: [...OPEN, 'restored'],
    fields: [],
    isAtOnce: true,
  },
  {
    command: 'declare',
    label: 'Declare',
    means: 'From here on people work on it together.',
    states: ['triage'],
    fields: [note, dataAtRisk],
  },
  {
    command: 'mitigate',
    label: 'Record a mitigation',
    means: 'Something was done so that the impact ends. The probes compare before with after.',
    states: OPEN,
    fields: [
      {
        kind: 'choice',
        name: 'kind',
        label: 'Kind',
        options: Object.entries(MITIGATION_WORDS).map(([value, text]) => ({ value, text })),
      },
      { kind: 'line', name: 'target', label: 'Of what', isNeeded: false, hint: 'order-service' },
      { kind: 'words', name: 'what', label: 'What was done', isNeeded: true },
    ],
  },
  {
    command: 'mitigated',
    label: 'Impact is over',
    means: 'It verifies once every finding is clear.',
    states: ['mitigating'],
    fields: [{ kind: 'words', name: 'note', label: 'What was done', isNeeded: true }],
  },
  {
    command: 'resolve',
    label: 'Resolve',
    means: 'The cause is fixed, and not only its effect.',
    states: ['restored'],
    fields: [
      reason('The cause, and how it was fixed'),
      {
        kind: 'words',
        name: 'watchAccepted',
        label: 'Why nobody waits for the end of the watch, if it is not over',
        isNeeded: false,
      },
    ],
    says: { as: 'cause_fixed' },
  },
  {
    command: 'resolve',
    label: 'Accept the risk',
    means: 'The cause stays, and you accept that.',
    states: ['restored'],
    fields: [reason('Why it is accepted')],
    says: { as: 'risk_accepted' },
  },
  {
    command: 'close',
    label: 'Close',
    means: 'Its review is done.',
    states: ['resolved'],
    fields: [
      note,
      {
        kind: 'words',
        name: 'withoutReview',
        label: 'Why nobody reviews it, if nobody did',
        isNeeded: false,
      },
    ],
  },
  {
    command: 'confirm',
    label: 'Confirm',
    means: 'You looked, and it is real.',
    states: OPEN,
    fields: [note],
  },
  {
    command: 'decline',
    label: 'False alarm',
    means: 'Nothing is wrong. What fails opens nothing until it was clear, or becomes wider.',
    states: ['triage'],
    fields: [reason()],
    says: { as: 'false_alarm' },
  },
  {
    command: 'decline',
    label: 'Decline to a ticket',
    means: 'It is no incident. What fails opens nothing until it was clear, or becomes wider.',
    states: ['triage'],
    fields: [
      reason(),
      { kind: 'line', name: 'ticket', label: 'Ticket', isNeeded: false, hint: 'OPS-12' },
    ],
    says: { as: 'ticket' },
  },
  {
    command: 'note',
    label: 'Note',
    means: 'Your words on the timeline.',
    states: [...OPEN, 'restored', 'resolved', 'closed', 'declined', 'merged', 'cancelled'],
    fields: [
      { kind: 'words', name: 'text', label: 'What you saw or did', isNeeded: true },
      {
        ...{ kind: 'choice', name: 'as', label: 'It is', value: '' },
        options: [
          { value: '', text: 'a note' },
          { value: 'finding', text: 'a finding' },
          { value: 'decision', text: 'a decision' },
          { value: 'action', text: 'an action' },
          { value: 'result', text: 'a result' },
        ],
      },
    ],
  },
  {
    command: 'severity',
    label: 'Severity',
    means: 'Raising it needs no reason; lowering it does.',
    states: [...OPEN, 'restored', 'resolved'],
    fields: [
      { kind: 'severity', name: 'to', label: 'Severity' },
      { kind: 'words', name: 'reason', label: 'Reason', isNeeded: false },
    ],
  },
  {
    command: 'data-at-risk',
    label: 'Data at risk',
    means:
      'You fear that data is lost or wrong. It raises the severity where a rule says so; anybody may say it.',
    states: [...OPEN, 'restored', 'resolved'],
    fields: [
      {
        ...{ kind: 'line', name: 'what', label: 'Which data, in a sentence', isNeeded: true },
        hint: 'Orders since 14:40 may be stored twice',
      },
    ],
    isForViewers: true,
  },
  {
    command: 'withdraw-data-at-risk',
    label: 'Data is whole',
    means: 'It is known that no data is lost or wrong. The severity stays as it is.',
    states: [...OPEN, 'restored', 'resolved'],
    fields: [reason('How it is known')],
  },
  {
    command: 'merge',
    label: 'Merge',
    means: 'It becomes a part of another incident, which takes its findings over.',
    states: ['triage', 'mitigating'],
    fields: [
      { kind: 'line', name: 'into', label: 'Into', isNeeded: true, hint: 'INC-7' },
      reason(),
    ],
  },
  {
    command: 'split',
    label: 'Split',
    means: 'Some of its findings become an incident of their own.',
    states: ['triage', 'mitigating'],
    fields: [{ kind: 'findings', name: 'keys', label: 'Findings that go' }, reason()],
  },
  {
    command: 'stand-down',
    label: 'Stand down',
    means: 'It needs nobody any more, though it may fail on. Thank you for coming.',
    states: ['triage', 'mitigating'],
    fields: [reason()],
  },
  {
    command: 'reopen',
    label: 'Reopen',
    means: 'It is not over after all.',
    states: ['verifying', 'restored', 'resolved'],
    fields: [reason()],
  },
]

/** The buttons of an incident: what its state allows, without what was done already. */
export function actionsFor(
  incident: Pick<
    Incident,
    'state' | 'acknowledged' | 'generation' | 'confirmed' | 'mitigated' | 'dataAtRisk'
  >,
  openFindings: number,
): readonly IncidentAction[] {
  const { state, acknowledged, generation, confirmed, mitigated, dataAtRisk } = incident
  const isDone: { readonly [C in CommandName]?: boolean } = {
    acknowledge: (acknowledged?.generation ?? 0) >= generation,
    confirm: confirmed !== undefined,
    mitigated: mitigated !== undefined,
    split: openFindings < 2,
    'withdraw-data-at-risk': dataAtRisk === undefined,
  }
  return INCIDENT_ACTIONS.filter(
    ({ command, states }) => states.includes(state) && isDone[command] !== true,
  )
}

/** What opening an incident by hand asks for. */
export const DECLARE_FIELDS: readonly ActionField[] = [
  { kind: 'service', name: 'serviceId', label: 'Service' },
  {
    kind: 'line',
    name: 'title',
    label: 'What customers cannot do',
    isNeeded: true,
    hint: 'Nobody can pay',
  },
  { kind: 'severity', name: 'severity', label: 'Severity' },
  reason('How you know'),
  dataAtRisk,
]

/** What a report of something that does not work asks for. */
export const REPORT_FIELDS: readonly ActionField[] = [
  { kind: 'service', name: 'serviceId', label: 'Where' },
  { kind: 'words', name: 'text', label: 'What does not work', isNeeded: true },
]
