import type { Signal, SignalStatus } from '../../protocol/signal.ts'

export type TakenSignal = {
  /** What is known of it now. */
  status: SignalStatus
  /** What it means for its service's incident. */
  effect: 'report' | 'clear' | 'none'
}

/**
 * Decides what a message of a source changes. Sources repeat themselves, send twice, and send late:
 * what is older than what is known changes nothing.
 */
export function takeSignal(
  known: SignalStatus | undefined,
  incoming: Signal,
  sourceId: string,
  receivedAt: number,
): TakenSignal {
  const times = (known?.times ?? 0) + 1
  if (known && isOlder(incoming, known))
    return { status: { ...known, lastReceivedAt: receivedAt, times }, effect: 'none' }

  const wasFiring = known?.state === 'firing'
  const status: SignalStatus = {
    ...incoming,
    sourceId,
    firstReceivedAt: known?.firstReceivedAt ?? receivedAt,
    lastReceivedAt: receivedAt,
    times,
    // Who does not say when it began would make it begin anew with each message.
    ...(wasFiring && { startedAt: Math.min(known.startedAt, incoming.startedAt) }),
  }
  if (incoming.state === 'firing') return { status, effect: 'report' }
  return { status, effect: wasFiring ? 'clear' : 'none' }
}

function isOlder(incoming: Signal, known: SignalStatus): boolean {
  if (incoming.toldAt !== undefined && known.toldAt !== undefined)
    return incoming.toldAt < known.toldAt
  if (!incoming.isStartKnown || !known.isStartKnown) return false
  if (incoming.startedAt !== known.startedAt) return incoming.startedAt < known.startedAt
  // The same alert: it cannot fire again after it is over, so this was on its way for longer.
  return known.state === 'resolved' && incoming.state === 'firing'
}
