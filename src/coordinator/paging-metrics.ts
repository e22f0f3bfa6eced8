import type { Meter } from '@opentelemetry/api'
import type { DestinationKind } from '../protocol/destination.ts'

/** What the coordinator tells about paging people. */
export type PagingMetrics = {
  /** Steps of pages, by what came of them. */
  pageSteps(outcome: 'called' | 'nobody' | 'undeliverable' | 'unowned'): void
  /** Seconds from the decision to call somebody until a receiver took it. */
  pageDelay(seconds: number, kind: DestinationKind): void
  /** What should have been paged by now and was not; 0 while all is well. */
  setPagesOverdue(counts: { steps: number; deliveries: number }): void
}

const DELAY_BOUNDARIES_S = [0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300]

export function createPagingMetrics(meter: Meter): PagingMetrics {
  const pageSteps = meter.createCounter('synthetics.pages.steps', {
    description: 'Steps of pages: somebody was called, nobody was there, nothing arrived, unowned.',
    unit: '{step}',
  })
  const pageDelay = meter.createHistogram('synthetics.pages.delay', {
    description: 'From the decision to call somebody until the receiver took the page.',
    unit: 's',
    advice: { explicitBucketBoundaries: DELAY_BOUNDARIES_S },
  })
  const pagesOverdue = meter.createGauge('synthetics.pages.overdue', {
    description: 'Steps and deliveries of pages that are late; 0 while all is well.',
    unit: '{page}',
  })
  return {
    pageSteps: (outcome) => pageSteps.add(1, { outcome }),
    pageDelay: (seconds, kind) => pageDelay.record(seconds, { kind }),
    setPagesOverdue({ steps, deliveries }) {
      pagesOverdue.record(steps, { of: 'steps' })
      pagesOverdue.record(deliveries, { of: 'deliveries' })
    },
  }
}
