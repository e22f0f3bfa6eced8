import { type CheckDefinition, isHeartbeat } from '../protocol/check.ts'
import type { Fleet } from '../protocol/config.ts'
import { expectDueSlots } from './loops/account-slots.ts'
import { ensureAlerts, removeAlert } from './store/alerts.ts'
import { loadAccountedChecks, removeCheck, saveCheck } from './store/checks.ts'
import { ensureHeartbeats, removeHeartbeat } from './store/heartbeats.ts'
import type { Store } from './store/store.ts'

export type Adoption = {
  added: CheckDefinition[]
  changed: CheckDefinition[]
  removed: CheckDefinition[]
  /** When a coordinator last worked on this store; undefined when none did. */
  lastWorkedAt: number | undefined
}

/**
 * Brings the store up to the definitions: a changed or removed check is accounted on its old grid up
 * to this moment and on its new grid from here, so that no slot is expected twice or forgotten.
 */
export async function adoptDefinitions(store: Store, fleet: Fleet, now: number): Promise<Adoption> {
  return store.transaction(async (tx) => {
    const accounted = await loadAccountedChecks(tx)
    const known = new Map(accounted.map((check) => [check.definition.id, check]))
    const lastWorkedAt = accounted.map((check) => check.accountedUntil).sort((a, b) => b - a)[0]
    const adoption: Adoption = { added: [], changed: [], removed: [], lastWorkedAt }

    for (const definition of fleet.checks) {
      const before = known.get(definition.id)
      known.delete(definition.id)
      if (before?.definition.hash === definition.hash) continue
      if (before)
        await expectDueSlots(tx, [before.definition], {
          after: before.accountedUntil,
          until: now,
          now,
        })
      await saveCheck(tx, definition, now)
      adoption[before ? 'changed' : 'added'].push(definition)
    }
    for (const { definition, accountedUntil } of known.values()) {
      await expectDueSlots(tx, [definition], { after: accountedUntil, until: now, now })
      await removeCheck(tx, definition.id, now)
      await removeAlert(tx, definition.id)
      await removeHeartbeat(tx, definition.id)
      adoption.removed.push(definition)
    }
    await ensureHeartbeats(tx, fleet.checks.filter(isHeartbeat), now)
    await ensureAlerts(tx, fleet.checks, now)
    return adoption
  })
}
