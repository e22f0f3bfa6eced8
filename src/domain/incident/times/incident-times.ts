import type { IncidentEvent } from '../../../protocol/incident.ts'
import type { IncidentInstants, IncidentTimes } from '../../../protocol/incident-times.ts'

type Known = { value: number | null; because: string }

const known = (value: number, because: string): Known => ({ value, because })
const unknown = (because: string): Known => ({ value: null, because })

/**
 * When an incident came how far, from its events alone:
 *
 * - impact started: the first bad evidence, or what the person said who declared it;
 * - detected: when it was written down here; MTTD is from the start of the impact until then;
 * - first page and first acknowledgement by a person; MTTA is between them;
 * - engaged: the first thing that a person did after that;
 * - mitigated: when the impact ended before the last restoration; MTTM is from its start until then;
 * - restored: the gate passed for good; MTTR is from the detection until then;
 * - resolved: the cause is fixed or accepted.
 *
 * The impact is what customers had of it: without the times between recovering and failing again.
 *
 * @param events of one incident, the oldest first.
 * @param confidenceMs the interval at which the checks look that saw it; undefined where none did.
 */
export function incidentTimes(
  events: readonly IncidentEvent[],
  confidenceMs: number | undefined,
): IncidentTimes {
  const instants = instantsOf(events)
  const { impactStarted, detected, firstPage, firstAck, mitigated, restored, resolved } = instants
  return {
    instants,
    durations: {
      mttd: between(impactStarted, detected),
      mtta: between(firstPage, firstAck),
      mttm: between(impactStarted, mitigated),
      mttr: between(detected, restored),
      impact: impactOf(events, impactStarted, mitigated),
      resolve: between(detected, resolved),
    },
    confidenceMs: confidenceMs ?? null,
  }
}

function instantsOf(events: readonly IncidentEvent[]): IncidentInstants {
  const firstAck = findFirst(
    events,
    (event) => event.type === 'acknowledged' && event.actor.kind === 'person',
  )
  const engaged =
    firstAck &&
    findFirst(
      events,
      ({ sequence, actor, type }) =>
        sequence > firstAck.sequence && actor.kind === 'person' && type !== 'acknowledged',
    )
  // A notice wants no acknowledgement, so nobody is late with one.
  const page = findFirst(events, (event) => event.type === 'paged' && event.as === 'page')
  return {
    impactStarted: impactStart(events),
    detected: detection(events),
    firstPage: page ? known(page.occurredAt, 'the first page') : unknown('nobody was paged'),
    firstAck: firstAck
      ? known(firstAck.occurredAt, 'the first acknowledgement by a person')
      : unknown('nobody acknowledged it'),
    engaged: engaged
      ? known(engaged.occurredAt, 'what a person did first after the acknowledgement')
      : unknown('nobody did anything after an acknowledgement'),
    mitigated: endOfImpact(events),
    ...endings(events),
  }
}

function impactStart(events: readonly IncidentEvent[]): Known {
  const since = events.flatMap((event) => {
    if (event.type === 'finding_joined' || event.type === 'finding_widened')
      return [event.finding.since]
    if (event.type === 'absorbed' || event.type === 'split_from')
      return event.findings.map((finding) => finding.since)
    return []
  })
  const opened = events.find(({ type }) => type === 'opened')
  if (opened?.type === 'opened' && opened.isByHand === true)
    if (opened.occurredAt < opened.recordedAt)
      // Declared as of now, it began before; how long before, nobody said, and it is not none.
      return known(Math.min(opened.occurredAt, ...since), 'what the person said who declared it')
  return since.length > 0
    ? known(Math.min(...since), 'the first bad evidence')
    : unknown('no evidence says when it began')
}

function detection(events: readonly IncidentEvent[]): Known {
  const opened = events.find(({ type }) => type === 'opened')
  if (opened?.type !== 'opened') return unknown('it was never opened')
  return known(
    opened.recordedAt,
    opened.isByHand === true ? 'when a person declared it' : 'the first finding on record',
  )
}

const FAILS_AGAIN: readonly IncidentEvent['type'][] = ['relapsed', 'recurred', 'reopened']

/** Of the time for which it is over now; undefined while it is not. */
function lastRestored(events: readonly IncidentEvent[]): IncidentEvent | undefined {
  const restored = events.findLast(({ type }) => type === 'restored')
  const again = events.findLast(({ type }) => FAILS_AGAIN.includes(type))
  return restored && restored.sequence > (again?.sequence ?? 0) ? restored : undefined
}

function endOfImpact(events: readonly IncidentEvent[]): Known {
  const restored = lastRestored(events)
  if (!restored) return unknown('it is not restored yet, so its impact may not be over')
  const before = events.filter(({ sequence }) => sequence < restored.sequence)
  const recovered = before.findLast(({ type }) => type === 'recovered')
  if (!recovered) return unknown('nothing says when its impact ended')
  const cleared = before.findLast(
    ({ type, sequence }) => type === 'finding_cleared' && sequence < recovered.sequence,
  )
  const said = before.findLast(({ type }) => type === 'mitigated')
  // Who says it dates it; the evidence says it by itself.
  if (!cleared && said) return known(said.occurredAt, 'as a person said')
  const lastBadAt = lastBadBefore(before, recovered)
  return lastBadAt === undefined
    ? known(recovered.occurredAt, 'when the last finding was clear')
    : known(lastBadAt, 'the last failing run before it recovered')
}

/** Of the findings that cleared since it failed last; undefined where runs do not show them all. */
function lastBadBefore(
  events: readonly IncidentEvent[],
  recovered: IncidentEvent,
): number | undefined {
  const again = events.findLast(
    ({ type, sequence }) => FAILS_AGAIN.includes(type) && sequence < recovered.sequence,
  )
  const cleared = events.flatMap((event) =>
    event.type === 'finding_cleared' &&
    event.sequence < recovered.sequence &&
    event.sequence > (again?.sequence ?? 0)
      ? [event.lastBadAt]
      : [],
  )
  const known = cleared.filter((at) => at !== undefined)
  return known.length === 0 || known.length < cleared.length ? undefined : Math.max(...known)
}

function endings(
  events: readonly IncidentEvent[],
): Pick<IncidentInstants, 'restored' | 'resolved'> {
  const restored = lastRestored(events)
  const resolved = events.findLast(({ type }) => type === 'resolved')
  return {
    restored: restored
      ? known(restored.occurredAt, 'the verification was passed')
      : unknown('it is not restored'),
    resolved:
      restored && resolved && resolved.sequence > restored.sequence
        ? known(resolved.occurredAt, 'a person said so')
        : unknown('it is not resolved'),
  }
}

function between(from: Known, to: Known): Known {
  if (from.value === null) return unknown(from.because)
  if (to.value === null) return unknown(to.because)
  // A clock that was set back, or what was dated back, gives no time below none.
  return known(Math.max(0, to.value - from.value), `from ${from.because} until ${to.because}`)
}

/** The stretches in which it failed, together. */
function impactOf(events: readonly IncidentEvent[], started: Known, mitigated: Known): Known {
  if (started.value === null) return unknown(started.because)
  if (mitigated.value === null) return unknown(mitigated.because)
  let since: number | undefined = started.value
  let ms = 0
  let stretches = 0
  for (const { type, occurredAt, sequence } of events) {
    if (type === 'recovered' && since !== undefined) {
      const isLast = !events.some(
        (later) => later.sequence > sequence && later.type === 'recovered',
      )
      ms += Math.max(0, (isLast ? mitigated.value : occurredAt) - since)
      stretches++
      since = undefined
    } else if (FAILS_AGAIN.includes(type)) since ??= occurredAt
  }
  return known(
    ms,
    stretches > 1
      ? `the ${stretches} times in which it failed, together`
      : `from ${started.because} until ${mitigated.because}`,
  )
}

const findFirst = (
  events: readonly IncidentEvent[],
  matches: (event: IncidentEvent) => boolean,
): IncidentEvent | undefined => events.find(matches)
