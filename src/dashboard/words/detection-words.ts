import { describeDuration } from '../../base/duration.ts'
import type { MeasuredDetection } from '../../protocol/detection.ts'

/** `Found 4.2 s after the first bad run, which may be up to 6.7 s after the fault; within the promised 33 s.` */
export function detectionWords({ tookMs, uncertainMs, promisedMs }: MeasuredDetection): string {
  const fault =
    uncertainMs === undefined
      ? ''
      : `, which may be up to ${describeDuration(uncertainMs)} after the fault began`
  const promise =
    promisedMs === undefined
      ? ''
      : tookMs <= promisedMs
        ? `; promised is ${describeDuration(promisedMs)} at worst`
        : `; that is longer than the promised ${describeDuration(promisedMs)}`
  return `Found ${describeDuration(tookMs)} after the first bad evidence${fault}${promise}.`
}
