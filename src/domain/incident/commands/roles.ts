import type { Incident, IncidentState } from '../../../protocol/incident.ts'
import { type IncidentRole, ROLE_NAMES } from '../../../protocol/leading.ts'
import { COMMAND_ANNOUNCEMENT, holderOf } from '../leading/roles.ts'
import type { Draft } from '../stamp-events.ts'
import {
  carryOut,
  type Decision,
  type Order,
  type Refusal,
  refuseState,
  refuseWithoutReason,
  withNote,
} from './order.ts'

/** Roles matter until the cause is fixed; after that the review has its own people. */
const WITH_ROLES: readonly IncidentState[] = [
  'triage',
  'mitigating',
  'verifying',
  'restored',
  'resolved',
]

type Wanted = { role: IncidentRole; note?: string | undefined }

/**
 * A person takes a role. One that somebody has needs a note that says why it is not handed over, so
 * that nobody loses it unawares. Taking command announces itself.
 */
export function takeRole(incident: Incident, order: Order, { role, note }: Wanted): Decision {
  return carryOut(incident, order, note, () => {
    const holder = holderOf(incident, role)
    return (
      refuseState(incident, WITH_ROLES, 'a role') ??
      (holder === order.by
        ? held(incident, role, holder)
        : holder === undefined
          ? undefined
          : refuseTaken(incident, role, holder, note)) ?? [
        assumed(role, order.by, holder, note),
        ...(role === 'incident_commander'
          ? [{ type: 'noted' as const, text: COMMAND_ANNOUNCEMENT }]
          : []),
      ]
    )
  })
}

/** Whoever has a role gives it to somebody else; anybody may do that for them. */
export function handOverRole(
  incident: Incident,
  order: Order,
  { role, to, note }: Wanted & { to: string },
): Decision {
  return carryOut(incident, order, note, () => {
    const holder = holderOf(incident, role)
    return (
      refuseState(incident, WITH_ROLES, 'a role') ??
      (holder === to ? held(incident, role, to) : undefined) ?? [assumed(role, to, holder, note)]
    )
  })
}

/** Whoever has a role has it no longer, and nobody else does. */
export function giveUpRole(incident: Incident, order: Order, { role, note }: Wanted): Decision {
  return carryOut(incident, order, note, () => {
    const holder = holderOf(incident, role)
    const refused = refuseState(incident, WITH_ROLES, 'a role')
    if (refused) return refused
    if (holder === undefined)
      return {
        code: 'incident.no_change',
        reason: `nobody is ${ROLE_NAMES[role]} of ${incident.id}`,
      }
    return [{ type: 'role_renounced', role, person: holder, ...withNote(note) }]
  })
}

const assumed = (
  role: IncidentRole,
  person: string,
  from: string | undefined,
  note: string | undefined,
): Draft => ({
  type: 'role_assumed',
  role,
  person,
  ...(from !== undefined && { from }),
  ...withNote(note),
})

const held = ({ id }: Incident, role: IncidentRole, person: string): Refusal => ({
  code: 'incident.no_change',
  reason: `${person} is ${ROLE_NAMES[role]} of ${id} already`,
})

function refuseTaken(
  { id }: Incident,
  role: IncidentRole,
  holder: string,
  note: string | undefined,
): Refusal | undefined {
  const why = refuseWithoutReason(note, '')
  if (!why) return undefined
  return {
    code: why.code,
    reason: `${holder} is ${ROLE_NAMES[role]} of ${id}; they can hand it over, or you say in a note why you take it`,
  }
}
