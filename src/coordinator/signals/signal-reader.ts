import type { IncomingHttpHeaders } from 'node:http'
import { AppError } from '../../base/app-error.ts'
import type { Severity } from '../../protocol/config.ts'
import type { Signal, SignalKind, SignalSource, SignalSourceOf } from '../../protocol/signal.ts'

/** A delivery as it came over the wire. */
export type Delivered = {
  headers: IncomingHttpHeaders
  /** As sent, byte by byte: signatures are over these. */
  raw: Buffer
  receivedAt: number
}

/** How one kind of source proves who it is, and what its deliveries mean. */
export type SignalReader<K extends SignalKind> = {
  /** True when the delivery is from whoever knows the secret. */
  isAuthentic(delivered: Delivered, secret: string): boolean
  /**
   * @param body the JSON that was sent.
   * @throws {AppError} `signal.malformed` when it is not of the source's documented form.
   */
  read(body: unknown, source: SignalSourceOf<K>, delivered: Delivered): ReadSignals
}

export type ReadSignals = {
  signals: Signal[]
  /** Somebody acknowledged there what we had opened there. */
  acknowledged?: { incidentId: string; generation: number; by: string }
  /** For whoever runs the coordinator: what they still have to do. */
  notice?: string
}

export const malformed = (detail: string) => new AppError('signal.malformed', detail)

/** The text of a label or of a place in a body; undefined when there is none. */
export type LookUp = (from: string) => string | undefined

/** The service that a signal is about, as the source's mapping says. */
export function serviceOf(
  source: SignalSource,
  lookUp: LookUp,
  known: ReadonlySet<string>,
): string {
  const { service } = source
  if (typeof service === 'string') return service
  const word = lookUp(service.from)
  if (word === undefined) return service.otherwise
  const mapped = service.map?.[word] ?? word
  return known.has(mapped) ? mapped : service.otherwise
}

/** How severe the source says that it is; undefined when it does not say. */
export function severityOf({ severity }: SignalSource, lookUp: LookUp): Severity | undefined {
  if (severity === undefined || typeof severity === 'string') return severity
  const word = lookUp(severity.from)
  return (word === undefined ? undefined : severity.map[word]) ?? severity.otherwise
}

const clip = (text: string, lengthMax: number) =>
  text.length > lengthMax ? `${text.slice(0, lengthMax - 1)}…` : text

/** Puts a signal together, within the bounds of one. */
export function makeSignal(parts: {
  key: string
  isFiring: boolean
  /** Undefined when the source does not say. */
  startedAt: number | undefined
  /** Where the source tells the time of each message. */
  toldAt?: number | undefined
  receivedAt: number
  subject: string
  reason?: string | undefined
  link?: string | undefined
  serviceId: string
  severity: Severity | undefined
}): Signal {
  const { startedAt, toldAt, receivedAt, link } = parts
  const subject = clip(parts.subject.trim().split('\n', 1)[0] || parts.key, 300)
  return {
    key: clip(parts.key, 300),
    state: parts.isFiring ? 'firing' : 'resolved',
    // A clock that runs ahead must not make a signal begin in the future.
    startedAt: Math.min(startedAt ?? receivedAt, receivedAt),
    isStartKnown: startedAt !== undefined,
    ...(toldAt !== undefined && { toldAt }),
    subject,
    reason: clip(parts.reason?.trim() || subject, 2_000),
    ...(link !== undefined && isWebAddress(link) && { link }),
    serviceId: parts.serviceId,
    ...(parts.severity !== undefined && { severity: parts.severity }),
  }
}

/** A link is followed by whoever reads the incident: nothing but web addresses. */
const isWebAddress = (text: string) => {
  const url = URL.parse(text)
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:')
}

/** Epoch milliseconds of an RFC 3339 time; undefined for none, and for the zero time of Go. */
export function instantOf(text: string | undefined): number | undefined {
  const instant = text === undefined ? Number.NaN : Date.parse(text)
  return instant > 0 ? Math.round(instant) : undefined
}
