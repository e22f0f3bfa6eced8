import type { Meter } from '@opentelemetry/api'
import type { CheckDefinition } from '../protocol/check.ts'
import type { DetectionContract, MeasuredDetection } from '../protocol/detection.ts'
import type { Finding } from '../protocol/incident.ts'

/** What is promised of detection, and what it took. */
export type DetectionMetrics = {
  /** How soon a fault of the check becomes an alert. */
  detectionContract(
    check: Pick<CheckDefinition, 'id' | 'serviceId'>,
    contract: DetectionContract,
  ): void
  /** How long it took until an incident was open, by the service and by what opened it. */
  detected(
    serviceId: string,
    finding: Pick<Finding, 'checkId' | 'kind'>,
    measured: MeasuredDetection,
  ): void
}

const DELAY_BOUNDARIES_S = [0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 15, 20, 30, 60, 120, 300, 600]

export function createDetectionMetrics(meter: Meter): DetectionMetrics {
  const detectionWorst = meter.createGauge('synthetics.detection.worst', {
    description: 'A fault of the check is an alert within so long, while the fleet is well.',
    unit: 's',
  })
  const detectionExpected = meter.createGauge('synthetics.detection.expected', {
    description: 'The same in the mean over when the fault begins.',
    unit: 's',
  })
  const detectionDelay = meter.createHistogram('synthetics.detection.delay', {
    description: 'From the first bad evidence until its incident was open.',
    unit: 's',
    advice: { explicitBucketBoundaries: DELAY_BOUNDARIES_S },
  })
  return {
    detectionContract({ id, serviceId }, { everywhere, confirmedAtOnce, oneRegion }) {
      const times = {
        everywhere,
        ...(confirmedAtOnce && { confirmed_at_once: confirmedAtOnce }),
        one_region: oneRegion,
      }
      for (const [fails, { worstMs, expectedMs }] of Object.entries(times)) {
        const attributes = { 'check.id': id, service: serviceId, fails }
        detectionWorst.record(worstMs / 1_000, attributes)
        detectionExpected.record(expectedMs / 1_000, attributes)
      }
    },
    detected: (service, { checkId, kind }, { tookMs, promisedMs }) =>
      detectionDelay.record(tookMs / 1_000, {
        ...{ service, kind },
        ...(checkId !== undefined && { 'check.id': checkId }),
        ...(promisedMs !== undefined && { promise: tookMs <= promisedMs ? 'kept' : 'broken' }),
      }),
  }
}
