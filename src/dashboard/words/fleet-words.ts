import type { Now, RegionStatus } from '../../protocol/public-api.ts'
import { count, joinSome, percentWords, UNKNOWN } from './quantity.ts'

/** A region with its probes, short: `eu-west 2 probes ok`, `ap-south silent`. */
export function regionWords(region: RegionStatus): string {
  const ok = region.probes.filter((probe) => probe.state === 'ok').length
  const silent = region.probes.length - ok
  if (region.state === 'waiting') return 'waiting for its first probe'
  if (region.state === 'silent') return 'silent'
  const rest = silent > 0 ? `, ${silent} silent` : ''
  return `${count(ok, 'probe')} ok${rest}`
}

/** The fleet in one sentence. */
export function fleetSentence(regions: readonly RegionStatus[]): string {
  if (regions.length === 0) return 'No region is defined.'
  const inState = (state: RegionStatus['state']) =>
    regions.filter((region) => region.state === state).map((region) => region.regionId)
  const silent = inState('silent')
  const waiting = inState('waiting')
  const reporting = `${inState('ok').length} of ${count(regions.length, 'region')} report`
  const rest = [
    silent.length > 0 ? `${joinSome(silent)} ${silent.length === 1 ? 'is' : 'are'} silent` : '',
    waiting.length > 0
      ? `${joinSome(waiting)} ${waiting.length === 1 ? 'waits' : 'wait'} for a first probe`
      : '',
  ].filter((part) => part !== '')
  return `${[reporting, ...rest].join('; ')}.`
}

/** How much of the last hour was measured: `slots run 99.2 % of 1,080 in the last hour`. */
export function slotsWords(ends: Now['slotsLastHour']): string {
  const { skipped, ...due } = ends
  const total = Object.values(due).reduce((sum, amount) => sum + amount, 0)
  if (total === 0) return `slots run ${UNKNOWN} in the last hour`
  const measured = due.passed + due.degraded + due.failed
  const trouble = [
    due.missed > 0 ? `${due.missed.toLocaleString('en')} missed` : '',
    due.probe_fault > 0 ? count(due.probe_fault, 'probe fault') : '',
    skipped > 0 ? `${skipped.toLocaleString('en')} skipped` : '',
  ].filter((part) => part !== '')
  const share = `slots run ${percentWords(measured, total)} of ${total.toLocaleString('en')} in the last hour`
  return trouble.length === 0 ? share : `${share} (${trouble.join(', ')})`
}
