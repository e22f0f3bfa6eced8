import { takeSignal } from '../domain/signal/take-signal.ts'
import { FLEET_SERVICE } from '../protocol/ids.ts'
import type { Finding } from '../protocol/incident.ts'
import { type Signal, type SignalSource, USER_REPORTS_SOURCE } from '../protocol/signal.ts'
import type { CoordinatorParts } from './coordinator-parts.ts'
import { clear, lockConcerned, report, signalFindingKey } from './incident-desk.ts'
import { findSignal, firingSignals, saveSignal } from './store/signals.ts'
import type { Session } from './store/store.ts'

/** Who tells: a source of `config/signals.yaml`, or one of our own. */
export type SignalOrigin = Pick<SignalSource, 'id' | 'name' | 'layer'> & {
  /** What it tells at the end says why it is over; others only say that it is. */
  saysWhyItIsOver?: boolean
}

/**
 * Makes findings of what sources tell. Everything here runs inside the caller's transaction.
 *
 * @returns the ids of the incidents that changed.
 */
export async function takeSignals(
  tx: Session,
  parts: CoordinatorParts,
  source: SignalOrigin,
  signals: readonly Signal[],
  receivedAt: number,
): Promise<string[]> {
  const services = new Set(signals.map(({ serviceId }) => serviceId))
  // What was about another service before is over there.
  for (const { key } of signals) {
    const known = await findSignal(tx, source.id, key)
    if (known) services.add(known.serviceId)
  }
  await lockConcerned(tx, [...services])

  const changed = new Set<string>()
  for (const signal of signals) {
    const known = await findSignal(tx, source.id, signal.key)
    const { status, effect } = takeSignal(known, signal, source.id, receivedAt)
    await saveSignal(tx, status)
    const key = signalFindingKey(source.id, signal.key)
    // It may be about another service than before: then it is over for that one.
    const before = known && known.serviceId !== signal.serviceId ? known.serviceId : undefined
    const incidentIds = [
      before !== undefined && effect !== 'none'
        ? await clear(tx, parts, {
            serviceId: before,
            key,
            reason: `it is about ${signal.serviceId} now`,
          })
        : undefined,
      effect === 'report'
        ? await report(tx, parts, {
            serviceId: signal.serviceId,
            finding: findingOf(parts, source, status, key),
            evidence: [],
          })
        : undefined,
      effect === 'clear'
        ? await clear(tx, parts, {
            serviceId: signal.serviceId,
            key,
            reason:
              source.saysWhyItIsOver === true
                ? signal.reason
                : `${source.name ?? source.id} says that it is over`,
          })
        : undefined,
    ]
    for (const id of incidentIds) if (id !== undefined) changed.add(id)
  }
  return [...changed]
}

/** A source that is no longer defined can never say that it is over: what it said ends with it. */
export async function closeRemovedSources(parts: CoordinatorParts): Promise<void> {
  const { store, clock } = parts
  const { signalSources, vendors = [], queries = [] } = parts.fleet
  const defined = new Set([
    USER_REPORTS_SOURCE,
    ...signalSources.map(({ id }) => id),
    ...vendors.map(({ id }) => `vendor-${id}`),
    ...queries.map(({ id }) => `query-${id}`),
  ])
  for (const known of await firingSignals(store))
    if (!defined.has(known.sourceId))
      await store.transaction((tx) => {
        const {
          sourceId,
          firstReceivedAt: _first,
          lastReceivedAt: _last,
          times: _times,
          ...told
        } = known
        const reason = 'its source is no longer defined'
        const over: Signal = { ...told, state: 'resolved', reason, toldAt: clock.now() }
        const origin = { id: sourceId, saysWhyItIsOver: true }
        return takeSignals(tx, parts, origin, [over], clock.now())
      })
}

function findingOf(
  { fleet }: CoordinatorParts,
  source: SignalOrigin,
  signal: Signal,
  key: string,
): Finding {
  const tier = fleet.services.find(({ id }) => id === signal.serviceId)?.tier
  return {
    key,
    kind: 'signal',
    layer: source.layer ?? 'metrics',
    subject: signal.subject,
    tier: tier ?? (signal.serviceId === FLEET_SERVICE ? 'standard' : 'minor'),
    // Where it fails is not for the source to say: our own probes look.
    scope: 'unknown',
    regions: [],
    regionsWatching: 0,
    since: signal.startedAt,
    reason: signal.reason,
    source: {
      name: source.name ?? source.id,
      ...(signal.link !== undefined && { link: signal.link }),
    },
    ...(signal.severity !== undefined && { severity: signal.severity }),
  }
}
