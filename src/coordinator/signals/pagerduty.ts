import { z } from 'zod'
import { readExternalKey } from '../../domain/paging/message.ts'
import { isSameSecret } from '../same-secret.ts'
import { where } from './alertmanager.ts'
import { bodySignature } from './prove-secret.ts'
import {
  instantOf,
  makeSignal,
  malformed,
  type SignalReader,
  serviceOf,
  severityOf,
} from './signal-reader.ts'

const reference = z.object({ summary: z.string().optional(), id: z.string().optional() }).nullish()

const PagerDutyEvent = z.object({
  event: z.object({
    id: z.string(),
    event_type: z.string(),
    occurred_at: z.string().optional(),
    agent: reference,
    data: z
      .object({
        id: z.string().optional(),
        incident_key: z.string().nullish(),
        title: z.string().optional(),
        html_url: z.string().optional(),
        created_at: z.string().optional(),
        urgency: z.string().optional(),
        service: reference,
        priority: reference,
      })
      .nullish(),
  }),
})

/** What an event of an incident says about whether something is wrong; others say nothing of that. */
const STATES: Record<string, boolean> = {
  'incident.triggered': true,
  'incident.reopened': true,
  'incident.unacknowledged': true,
  'incident.acknowledged': true,
  'incident.escalated': true,
  'incident.priority_updated': true,
  'incident.resolved': false,
}

/** PagerDuty's webhooks, version 3. Labels to map from: `service`, `priority` and `urgency`. */
export const pagerdutyReader = (known: ReadonlySet<string>): SignalReader<'pagerduty'> => ({
  /** Any of the signatures may be right: they have two while a secret is being replaced. */
  isAuthentic({ headers, raw }, secret) {
    const expected = `v1=${bodySignature(secret, raw)}`
    const given = String(headers['x-pagerduty-signature'] ?? '').split(',')
    return given.some((signature) => isSameSecret(signature.trim(), expected))
  },
  read(body, source, { receivedAt }) {
    const parsed = PagerDutyEvent.safeParse(body)
    if (!parsed.success)
      throw malformed(`no webhook of PagerDuty's, version 3: ${where(parsed.error)}`)
    const { event } = parsed.data
    const isFiring = STATES[event.event_type]
    const { data } = event
    if (isFiring === undefined || !data?.id) return { signals: [] }
    // What we opened there ourselves is no news, except that somebody has it.
    const own = readExternalKey(data.incident_key ?? '')
    if (own) {
      const isAcknowledged = event.event_type === 'incident.acknowledged'
      const by = event.agent?.summary ?? 'PagerDuty'
      return { signals: [], ...(isAcknowledged && { acknowledged: { ...own, by } }) }
    }
    const words: Record<string, string | undefined> = {
      service: data.service?.summary,
      priority: data.priority?.summary,
      urgency: data.urgency,
    }
    const lookUp = (name: string) => words[name]
    return {
      signals: [
        makeSignal({
          key: data.id,
          isFiring,
          startedAt: instantOf(data.created_at ?? event.occurred_at),
          toldAt: instantOf(event.occurred_at),
          receivedAt,
          subject: data.title ?? data.id,
          link: data.html_url,
          serviceId: serviceOf(source, lookUp, known),
          severity: severityOf(source, lookUp),
        }),
      ],
    }
  },
})
