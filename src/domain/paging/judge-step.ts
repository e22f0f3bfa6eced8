import type { DeliveryState } from '../../protocol/delivery.ts'

/** One delivery of a step of a page. */
export type StepDelivery = {
  deliveryId: string
  personId: string
  state: DeliveryState
  /** How its last attempt ended, where that was no success. */
  lastError?: string | undefined
}

export type StepVerdict = {
  /** Deliveries that waited for one that failed: they are sent now. */
  release: string[]
  /** Deliveries that waited for one that arrived. */
  notNeeded: string[]
  /** Nothing of the step arrived anywhere, as far as is known, and nothing is tried any more. */
  isUndelivered: boolean
  /** Why nothing did. */
  reason: string
}

/**
 * What follows when an attempt to reach a person has ended. A person's contacts are tried in their order:
 * the next one as soon as each that was sent has failed once, while those are tried again.
 *
 * @param deliveries of the whole step, each person's in the order of their contacts.
 * @param personId whose attempt it was.
 */
export function judgeStep(deliveries: readonly StepDelivery[], personId: string): StepVerdict {
  const own = deliveries.filter((delivery) => delivery.personId === personId)
  const waiting = own.filter(({ state }) => state === 'waiting').map(({ deliveryId }) => deliveryId)
  const sent = own.filter(({ state }) => state !== 'waiting')
  const hasArrived = sent.some(({ state }) => state === 'delivered')
  const hasFailed = sent.every(
    ({ state, lastError }) => isGivenUp(state) || lastError !== undefined,
  )
  const release = !hasArrived && hasFailed ? waiting.slice(0, 1) : []
  const isUndelivered =
    release.length === 0 && deliveries.every(({ state }) => isGivenUp(state)) && !hasArrived
  return {
    release,
    notNeeded: hasArrived ? waiting : [],
    isUndelivered,
    reason: [...new Set(deliveries.flatMap(({ lastError }) => lastError ?? []))].join('; '),
  }
}

const isGivenUp = (state: DeliveryState) => state === 'undeliverable' || state === 'ambiguous'
