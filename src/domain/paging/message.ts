import type { DestinationKind } from '../../protocol/destination.ts'
import type { Notification } from '../../protocol/notification.ts'
import type { Severity } from '../../protocol/severity.ts'
import type { Ring, RungIncident } from './next-ring.ts'
import { labelled } from './page-text.ts'

/**
 * What a message means for whoever keeps a state of their own: something is wrong, somebody has it, or
 * it is over. `tells` changes none of that.
 */
export type Stage = 'wrong' | 'acknowledged' | 'over' | 'tells' | 'test'

/** A notification as any channel can say it. */
export type Message = {
  stage: Stage
  /** One line. */
  subject: string
  lines: string[]
  severity?: Severity | undefined
  incident?: RungIncident | undefined
  service?: string | undefined
  /** RFC 3339, when the impact began. */
  since?: string | undefined
  url?: string | undefined
  acknowledgeUrl?: string | undefined
}

/** Kinds of destination that ring until they are told that somebody has it, or that it is over. */
const RINGING: readonly DestinationKind[] = ['pagerduty', 'opsgenie', 'jsm']

/** Whether a kind of destination keeps a state of its own, and so hears of each change, whoever made it. */
export const keepsState = (kind: DestinationKind): boolean => RINGING.includes(kind)

const STAGES: Record<string, Stage> = {
  page: 'wrong',
  'page.acknowledged': 'acknowledged',
  'page.ended': 'over',
  'page.test': 'test',
  'incident.opened': 'wrong',
  'incident.widened': 'wrong',
  'incident.severity_raised': 'wrong',
  'incident.relapsed': 'wrong',
  'incident.recurred': 'wrong',
  'incident.reopened': 'wrong',
  'incident.unowned': 'wrong',
  'incident.acknowledged': 'acknowledged',
  'incident.restored': 'over',
  'incident.resolved': 'over',
  'incident.declined': 'over',
  'incident.merged': 'over',
  'incident.stood_down': 'over',
}

export const stageOf = (type: string): Stage => STAGES[type] ?? 'tells'

/** Reads a notification for people: one line that says it, and the lines below. */
export function messageOf({ type, data }: Notification): Message {
  const { id, severity, generation = 1, ring = 1, rangBefore, service, url, acknowledgeUrl } = data
  return {
    stage: stageOf(type),
    subject: subjectOf(type, data),
    lines: data.lines ? labelled(data.lines) : linesOf(type, data),
    severity,
    ...(id !== undefined && { incident: { id, generation, ring, rangBefore } }),
    service,
    since: data.impactStartedAt,
    url,
    acknowledgeUrl,
  }
}

type Data = Notification['data']

/** What is written for its readers alone is said as it is. */
const isWritten = (type: string): boolean => /^(stakeholder|shift|digest)\./.test(type)

function subjectOf(type: string, { id, severity, headline, by }: Data): string {
  if (isWritten(type)) return headline
  const what = [severity, id].filter((word) => word !== undefined).join(' ')
  switch (type) {
    case 'page':
      return `${what}: ${headline}`
    case 'notice':
      return `${what}, for your information: ${headline}`
    case 'page.test':
      return headline
    case 'page.acknowledged':
      return `${id}: ${by ?? 'somebody'} has it`
    case 'page.ended':
      return `${id}: nobody is needed any more${by === undefined ? '' : `, says ${by}`}`
    default: {
      const event = type.replace(/^incident\./, '').replaceAll('_', ' ')
      return `${what} ${event}${by === undefined ? '' : ` by ${by}`}: ${headline}`
    }
  }
}

function linesOf(type: string, data: Data): string[] {
  const { headline, severityReason, confirmation, reason, text, url } = data
  if (isWritten(type)) return text?.split('\n') ?? []
  const isTest = type === 'page.test'
  return [
    ...(isTest ? [] : [headline]),
    ...(severityReason === undefined ? [] : [severityReason]),
    ...(confirmation === undefined ? [] : [confirmation]),
    ...(reason === undefined ? [] : [reason]),
    ...(text === undefined ? [] : text.split('\n')),
    ...(url === undefined ? [] : [url]),
  ]
}

/**
 * By what another system knows one ring of an incident. A wider incident is news to it, and so is a step that
 * comes back to it: it must ring again even where the earlier one is open there or acknowledged.
 */
export const externalKey = (incidentId: string, { generation, ring }: Ring): string =>
  `inc-${incidentId.replace(/^INC-/, '')}-g${generation}${ring === 1 ? '' : `-r${ring}`}`

/**
 * The same where keys are shared by a whole account, told apart by the secret that it is sent with: else
 * whoever is told second is told nothing.
 */
export const externalKeyFor = (incidentId: string, ring: Ring, secretName: string): string =>
  `${externalKey(incidentId, ring)}-${secretName.toLowerCase()}`

/** The incident and generation of such a key; undefined for any other. */
export function readExternalKey(
  key: string,
): { incidentId: string; generation: number } | undefined {
  const [, number, generation] = /^inc-(\d+)-g(\d+)(?:-r\d+)?(?:-[a-z0-9_]+)?$/.exec(key) ?? []
  if (number === undefined || generation === undefined) return undefined
  return { incidentId: `INC-${number}`, generation: Number(generation) }
}

/** Cuts text to a length that a receiver takes, visibly. */
export const cut = (text: string, max: number): string =>
  text.length <= max ? text : `${text.slice(0, max - 1)}…`
