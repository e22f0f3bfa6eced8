import { RotationRole, TeamRole } from '../../protocol/on-call.ts'
import type { RunbookCall } from '../../protocol/runbook.ts'

/** What a line of “Escalation” looks like that names somebody to be paged. */
export const CALL_FORM =
  '"Page: lead", "Page: primary of team database", "Page: secondary of rotation weekly" or "Page: person ada", with perhaps a comma and when'

const OF = /^(\w+)(?: of (team|rotation) ([a-z0-9-]+))?$/
const PERSON = /^person ([a-z0-9-]+)$/

/** Whom a line names; undefined where it has another form. Without a team it is the one that owns the service. */
export function readCall(words: string): RunbookCall | undefined {
  const [, named = '', when] = /^([^,]*?)(?:,\s*(.+))?$/s.exec(words.trim()) ?? []
  const said = { ...(when !== undefined && { when }) }
  const [, personId] = PERSON.exec(named) ?? []
  if (personId !== undefined) return { duty: { kind: 'person', personId }, who: personId, ...said }
  const [, role, kind, id = ''] = OF.exec(named) ?? []
  if (kind === 'rotation') {
    const { data } = RotationRole.safeParse(role)
    return (
      data && { duty: { kind, rotationId: id, role: data }, who: `the ${data} of ${id}`, ...said }
    )
  }
  const { data } = TeamRole.safeParse(role)
  if (!data) return undefined
  const holder = data === 'everyone' ? 'everyone' : `the ${data}`
  return kind === 'team'
    ? { duty: { kind, teamId: id, role: data }, who: `${holder} of ${id}`, ...said }
    : { duty: { kind: 'owner', role: data }, who: `${holder} of the team that owns it`, ...said }
}
