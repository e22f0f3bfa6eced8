import { z } from 'zod'
import { SIGNALS_PER_DELIVERY_MAX, type SignalSource } from '../../protocol/signal.ts'
import { showsSecret } from './prove-secret.ts'
import {
  type Delivered,
  instantOf,
  makeSignal,
  malformed,
  type SignalReader,
  serviceOf,
  severityOf,
} from './signal-reader.ts'

const labels = z.record(z.string(), z.string())

/** One alert of Prometheus' or Grafana's Alertmanager. */
export const ReceivedAlert = z.object({
  status: z.enum(['firing', 'resolved']),
  labels: labels.default({}),
  annotations: labels.default({}),
  startsAt: z.string().optional(),
  generatorURL: z.string().optional(),
  /** Of its labels: what tells one alert from another. */
  fingerprint: z.string().min(1),
})

const AlertGroup = z.object({
  version: z.literal('4'),
  alerts: z.array(ReceivedAlert).max(SIGNALS_PER_DELIVERY_MAX),
})

/**
 * Alertmanager's webhook, version 4. An alert is over when that is said of it: one that a delivery
 * leaves out is not, because Alertmanager may cut the list (`truncatedAlerts`).
 */
export const alertmanagerReader = (known: ReadonlySet<string>): SignalReader<'alertmanager'> => ({
  isAuthentic: showsSecret,
  read(body, source, delivered) {
    const group = AlertGroup.safeParse(body)
    if (!group.success)
      throw malformed(`no Alertmanager webhook of version 4: ${where(group.error)}`)
    return {
      signals: group.data.alerts.map((alert) => signalOfAlert(alert, source, delivered, known)),
    }
  },
})

/** A signal of an alert: the annotations `summary` and `description` are its words. */
export function signalOfAlert(
  alert: z.infer<typeof ReceivedAlert>,
  source: SignalSource,
  { receivedAt }: Pick<Delivered, 'receivedAt'>,
  known: ReadonlySet<string>,
  link = alert.generatorURL,
) {
  const lookUp = (name: string) => alert.labels[name] ?? alert.annotations[name]
  const name = alert.labels.alertname ?? alert.fingerprint
  const { summary, description, message } = alert.annotations
  return makeSignal({
    key: alert.fingerprint,
    isFiring: alert.status === 'firing',
    startedAt: instantOf(alert.startsAt),
    receivedAt,
    subject: summary ?? name,
    reason: description ?? message ?? summary ?? describeLabels(alert.labels),
    link,
    serviceId: serviceOf(source, lookUp, known),
    severity: severityOf(source, lookUp),
  })
}

const describeLabels = (of: Record<string, string>) =>
  Object.entries(of)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ')

/** The first place where a body is not as it should be. */
export function where(error: z.ZodError): string {
  const [issue] = error.issues
  return `${issue?.path.join('.') || 'the body'}: ${issue?.message ?? 'not as documented'}`
}
