import { describeDuration } from '../base/duration.ts'
import { printable } from '../definitions/printable.ts'
import type { Incident } from '../protocol/incident.ts'
import type { GateCondition, GateStatus } from '../protocol/verification.ts'
import type { IncidentReportOptions } from './render-incident.ts'
import { wrapWords } from './wrap-words.ts'

const SIGN: { readonly [S in GateCondition['state']]: string } = {
  met: '✓',
  waiting: '…',
  broken: '✗',
  unknown: '?',
  not_needed: '–',
}

/** How the verification stands, what was done against the incident, and until when it is watched. */
export function renderRecovery(
  { incident, gate }: { incident: Incident; gate?: GateStatus | undefined },
  { now, paint }: IncidentReportOptions,
): string[] {
  return [
    ...(gate ? ['', paint('bold', 'Verification'), ...gateLines(gate, now)] : []),
    ...(incident.mitigations
      ? ['', paint('bold', 'Mitigations'), ...mitigationLines(incident.mitigations)]
      : []),
    ...(incident.watch
      ? [
          '',
          `${paint('bold', 'Watched closer')} for ${describeDuration(Math.max(0, incident.watch.until - now))} more: ${incident.watch.checks.map(({ name }) => printable(name)).join(', ')}`,
        ]
      : []),
  ]
}

function gateLines({ cleanSince, verifyUntil, conditions }: GateStatus, now: number): string[] {
  const clean = describeDuration(Math.max(0, now - cleanSince))
  const left = verifyUntil - now
  const whole = describeDuration(verifyUntil - cleanSince)
  return [
    left > 0
      ? `  clean for ${clean} of ${whole}, ${describeDuration(left)} to go`
      : `  clean for ${clean}, longer than the ${whole} that are asked for`,
    ...conditions.flatMap(({ name, state, reason }) => {
      const text = `${name.replace('_', ' ')}: ${printable(reason)}`
      const [first = '', ...rest] = wrapWords(text, 0)
      return [`  ${SIGN[state]} ${first}`, ...rest.map((line) => `    ${line}`)]
    }),
  ]
}

const mitigationLines = (mitigations: NonNullable<Incident['mitigations']>): string[] =>
  mitigations.flatMap(({ id, kind, what, target, by, effect, undone }) => [
    `  ${id}  ${kind}${target === undefined ? '' : ` of ${printable(target)}`}: ${printable(what)} (${printable(by)})${undone ? ', taken back' : ''}`,
    `      ${effect ? printable(effect.words) : 'not measured yet'}`,
  ])
