import { AppError } from '../base/app-error.ts'
import { nearestName } from '../base/nearest-name.ts'
import { IncidentRole } from '../protocol/leading.ts'
import type { IncidentOrder } from './incident-orders.ts'
import { instantOf } from './instant-option.ts'

const ROLE: [string, string] = ['<role>', 'commander, operations, communications or scribe']
const WHY: [string, string] = ['--note <text>', 'why, for the timeline']

/** What people tell an incident about how it is led. */
export const LEADING_ORDERS: readonly IncidentOrder[] = [
  {
    name: 'take',
    command: 'take-role',
    description: 'Take a role. Taking command announces itself.',
    arguments: [ROLE],
    options: [['--note <text>', 'why; it is needed where somebody else has the role']],
    body: ([role = ''], { note }) => ({ role: roleOf(role), note }),
  },
  {
    name: 'hand-over',
    command: 'hand-over',
    description: 'Give a role to somebody else.',
    arguments: [ROLE, ['<person>', 'who has it from here on']],
    options: [WHY],
    body: ([role = '', to = ''], { note }) => ({ role: roleOf(role), to, note }),
  },
  {
    name: 'give-up',
    command: 'give-up',
    description: 'Give a role up, to nobody.',
    arguments: [ROLE],
    options: [WHY],
    body: ([role = ''], { note }) => ({ role: roleOf(role), note }),
  },
  {
    name: 'next',
    command: 'next-action',
    description: 'Say what is done next and by whom, or what came of it.',
    arguments: [['[text...]', 'what is done next; without it nothing is planned any more']],
    options: [
      ['--who <person>', 'who does it'],
      ['--result <text>', 'what came of what was planned'],
    ],
    body: (typed, { who, result }) => ({ text: typed.join(' ') || undefined, who, result }),
  },
  {
    name: 'correct',
    command: 'correct',
    description: 'Correct an entry of the timeline; the original stays.',
    arguments: [['<entry>', 'its number; show prints them before the entries']],
    options: [
      ['--text <text>', 'what it should say'],
      ['--happened <when>', 'when it really was: 10m (ago), or 2026-03-13T15:04:00Z'],
      ['--reason <text>', 'why; it is needed'],
    ],
    body: ([entry = ''], { text, happened, reason }) => ({
      target: numberOf(entry, 'entry'),
      text,
      happenedAt: happened === undefined ? undefined : instantOf(happened),
      reason: reason ?? '',
    }),
  },
  {
    name: 'step',
    command: 'step-done',
    description: 'Tick a step of a runbook.',
    arguments: [
      ['<runbook>', 'its id, such as bad-deploy'],
      ['<step>', 'its number'],
    ],
    options: [
      ['--result <text>', 'what it printed or did'],
      ['--on <place>', 'of a step that cannot be undone: the host where you did it'],
      ['--with <person>', 'of a step that cannot be undone: who looked on'],
    ],
    body: ([runbookId = '', step = ''], { result, on, with: secondPerson }) => ({
      ...{ runbookId, step: numberOf(step, 'step') },
      ...{ result, on, secondPerson },
    }),
  },
  {
    name: 'page',
    command: 'page',
    description: 'Have somebody called whom a runbook names. It takes the incident from nobody.',
    arguments: [
      ['<runbook>', 'its id, such as bad-deploy'],
      ['<call>', 'which of those it names; show prints them'],
    ],
    options: [['--note <text>', 'why; those who are called read it']],
    body: ([runbookId = '', call = ''], { note }) => ({
      ...{ runbookId, call: numberOf(call, 'call') },
      note,
    }),
  },
  {
    name: 'step-back',
    command: 'step-undone',
    description: 'Take the tick of a step back.',
    arguments: [
      ['<runbook>', 'its id, such as bad-deploy'],
      ['<step>', 'its number'],
    ],
    options: [['--reason <text>', 'why; it is needed']],
    body: ([runbookId = '', step = ''], { reason }) => ({
      ...{ runbookId, step: numberOf(step, 'step') },
      reason: reason ?? '',
    }),
  },
]

/** `commander`, `Operations Lead` and `communications_lead` are all understood. */
export function roleOf(written: string): IncidentRole {
  const word = written
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_')
  const short: Record<string, IncidentRole> = {
    commander: 'incident_commander',
    ic: 'incident_commander',
    operations: 'operations_lead',
    ops: 'operations_lead',
    communications: 'communications_lead',
    comms: 'communications_lead',
  }
  const role = IncidentRole.safeParse(short[word] ?? word)
  if (role.success) return role.data
  const near = nearestName(word, [...Object.keys(short), ...IncidentRole.options])
  throw new AppError(
    'request.invalid',
    `${written} is no role; expected commander, operations, communications or scribe${near ? `; did you mean ${near}?` : ''}`,
  )
}

function numberOf(written: string, what: string): number {
  if (/^[1-9]\d*$/.test(written)) return Number(written)
  throw new AppError('request.invalid', `expected the number of the ${what}, got ${written}`)
}
