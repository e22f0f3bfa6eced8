import type { Fleet } from '../../../protocol/config.ts'
import type { Incident } from '../../../protocol/incident.ts'
import type { UpdateContext } from '../commands/post-update.ts'

/** What an update is held against, of the definitions and of who works on the incident. */
export function updateContext(
  incident: Incident,
  fleet: Fleet,
  newPublicId: string,
): UpdateContext {
  const people = [
    ...(incident.roles ?? []).map(({ person }) => person),
    incident.acknowledged?.by,
    incident.declared?.by,
    incident.nextAction?.who,
  ].filter((person) => person !== undefined)
  const ids = [
    ...fleet.checks.map(({ id }) => id),
    ...fleet.services.map(({ id }) => id),
    ...fleet.regions.map(({ id }) => id),
  ]
  return {
    everyMs: fleet.updateEveryMs?.[incident.severity],
    components: fleet.statusPage?.components.map(({ id }) => id),
    // A plain word such as "search" is anybody's; with a dash it is only ours.
    text: { ids: ids.filter((id) => id.includes('-')), people: [...new Set(people)] },
    newPublicId,
  }
}
