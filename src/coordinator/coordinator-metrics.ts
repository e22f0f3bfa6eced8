import { metrics } from '@opentelemetry/api'
import type { ConfirmationVerdict } from '../protocol/confirmation.ts'
import type { RunNowReason, SlotEnd } from '../protocol/run.ts'
import { createDetectionMetrics, type DetectionMetrics } from './detection-metrics.ts'
import { createIncidentMetrics, type IncidentMetrics } from './incident-metrics.ts'
import { createObjectiveMetrics, type ObjectiveMetrics } from './objective-metrics.ts'
import { createPagingMetrics, type PagingMetrics } from './paging-metrics.ts'

export type JobCallOutcome =
  | 'started'
  | 'ended'
  | 'repeated'
  | 'refused'
  | 'too_many'
  | 'token_missing'

/** What the coordinator tells about itself; the names are listed in `deploy/README.md`. */
export type CoordinatorMetrics = DetectionMetrics &
  IncidentMetrics &
  ObjectiveMetrics &
  PagingMetrics & {
    runsIngested(outcome: 'stored' | 'duplicate' | 'rejected', count: number): void
    slotsEnded(end: SlotEnd, count: number): void
    /** First failures of which other regions were asked, by what these said. */
    confirmed(verdict: ConfirmationVerdict): void
    /** Commands to probes, by what became of them here. */
    commanded(outcome: 'sent' | 'dropped', reason: RunNowReason, count: number): void
    /** Calls of jobs, by what became of them. */
    jobCalls(outcome: JobCallOutcome): void
    /** Seconds from a run's slot until it was stored. */
    ingestDelay(seconds: number): void
    deliveries(outcome: 'delivered' | 'failed' | 'unanswered' | 'undeliverable'): void
    /** Attempts to open, comment on or close tickets. */
    ticketOrders(outcome: 'delivered' | 'failed' | 'undeliverable'): void
    artifactsForgotten(count: number): void
    /** Deliveries of other systems, by what became of them. */
    deliveryReceived(source: string, outcome: 'taken' | 'refused' | 'malformed' | 'too_many'): void
    /** Looks at vendors' status pages; `unknown`: nothing could be learnt. */
    vendorPolled(vendor: string, outcome: 'fine' | 'troubled' | 'unknown'): void
    /** Readings of our own queries, by what they gave. */
    queryAsked(query: string, outcome: 'number' | 'no_data' | 'unknown' | 'telemetry'): void
    /** Log data that a query has scanned, where that costs money. */
    queryScanned(query: string, bytes: number): void
    /** What lies in the store at the moment. */
    setStoreGauges(counts: { openIncidents: number; pendingDeliveries: number }): void
  }

const DELAY_BOUNDARIES_S = [0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 15, 20, 30, 60, 120, 300, 600]

export function createCoordinatorMetrics(): CoordinatorMetrics {
  const meter = metrics.getMeter('firewatch.coordinator')
  const runs = meter.createCounter('synthetics.ingest.runs', {
    description: 'Runs received from probes, by what became of them.',
    unit: '{run}',
  })
  const slots = meter.createCounter('synthetics.slots', {
    description: 'Slots by their end; each slot has exactly one.',
    unit: '{slot}',
  })
  const confirmations = meter.createCounter('synthetics.confirmations', {
    description: 'First failures of which other regions were asked at once, by verdict.',
    unit: '{confirmation}',
  })
  const commands = meter.createCounter('synthetics.commands', {
    description:
      'Commands to probes; dropped are those that no probe took in time, or that were too many.',
    unit: '{command}',
  })
  const jobCalls = meter.createCounter('synthetics.heartbeat.calls', {
    description: 'Calls of jobs that are watched, by what became of them.',
    unit: '{call}',
  })
  const ingestDelay = meter.createHistogram('synthetics.ingest.delay', {
    description: "From a run's slot until the run was stored.",
    unit: 's',
    advice: { explicitBucketBoundaries: DELAY_BOUNDARIES_S },
  })
  const deliveries = meter.createCounter('synthetics.notification.attempts', {
    description: 'Attempts to deliver notifications, by outcome.',
    unit: '{attempt}',
  })
  const tickets = meter.createCounter('synthetics.tickets.attempts', {
    description: 'Attempts to open, comment on or close tickets, by outcome.',
    unit: '{attempt}',
  })
  const artifacts = meter.createCounter('synthetics.artifacts.forgotten', {
    description: 'Artifacts deleted because of their age or of the space they take.',
    unit: '{artifact}',
  })
  const received = meter.createCounter('synthetics.signals.deliveries', {
    description: 'Deliveries of other systems, by source and by what became of them.',
    unit: '{delivery}',
  })
  const polls = meter.createCounter('synthetics.vendors.polls', {
    description: "Looks at vendors' status pages, by what was learnt; unknown changes nothing.",
    unit: '{poll}',
  })
  const asked = meter.createCounter('synthetics.queries.readings', {
    description: 'Readings of our own queries, by what they gave; only numbers change something.',
    unit: '{reading}',
  })
  const queryScans = meter.createCounter('synthetics.queries.scanned', {
    description: 'Log data that our own queries have scanned, where that costs money.',
    unit: 'By',
  })
  const openIncidents = meter.createGauge('synthetics.incidents.open', {
    description: 'Incidents that are open.',
    unit: '{incident}',
  })
  const pendingDeliveries = meter.createGauge('synthetics.notifications.pending', {
    description: 'Notifications not delivered yet.',
    unit: '{notification}',
  })
  return {
    ...createPagingMetrics(meter),
    ...createIncidentMetrics(meter),
    ...createObjectiveMetrics(meter),
    runsIngested: (outcome, count) => runs.add(count, { outcome }),
    slotsEnded: (end, count) => slots.add(count, { end }),
    confirmed: (verdict) => confirmations.add(1, { verdict }),
    commanded: (outcome, reason, count) => commands.add(count, { outcome, reason }),
    jobCalls: (outcome) => jobCalls.add(1, { outcome }),
    ingestDelay: (seconds) => ingestDelay.record(seconds),
    ...createDetectionMetrics(meter),
    deliveries: (outcome) => deliveries.add(1, { outcome }),
    ticketOrders: (outcome) => tickets.add(1, { outcome }),
    artifactsForgotten: (count) => artifacts.add(count),
    deliveryReceived: (source, outcome) => received.add(1, { source, outcome }),
    vendorPolled: (vendor, outcome) => polls.add(1, { vendor, outcome }),
    queryAsked: (query, outcome) => asked.add(1, { query, outcome }),
    queryScanned: (query, bytes) => queryScans.add(bytes, { query }),
    setStoreGauges(counts) {
      openIncidents.record(counts.openIncidents)
      pendingDeliveries.record(counts.pendingDeliveries)
    },
  }
}
