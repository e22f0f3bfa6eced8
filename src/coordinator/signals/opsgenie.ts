import { z } from 'zod'
import { readExternalKey } from '../../domain/paging/message.ts'
import { where } from './alertmanager.ts'
import { showsSecret } from './prove-secret.ts'
import { makeSignal, malformed, type SignalReader, serviceOf, severityOf } from './signal-reader.ts'

const OpsgenieDelivery = z.object({
  action: z.string(),
  alert: z.object({
    alertId: z.string().min(1),
    alias: z.string().optional(),
    message: z.string().default(''),
    description: z.string().optional(),
    priority: z.string().optional(),
    entity: z.string().optional(),
    source: z.string().optional(),
    team: z.string().optional(),
    createdAt: z.number().optional(),
    username: z.string().nullish(),
    details: z.record(z.string(), z.string()).nullish(),
  }),
})

/** What an action says about whether something is wrong; others say nothing of that. */
const STATES: Record<string, boolean> = {
  Create: true,
  Acknowledge: true,
  UnAcknowledge: true,
  Escalate: true,
  EscalateNext: true,
  UpdatePriority: true,
  Close: false,
  Delete: false,
}

/**
 * Opsgenie's outgoing webhook, and that of Jira Service Management. Labels to map from: `priority`,
 * `entity`, `source`, `team`, and each of the alert's details.
 */
export const opsgenieReader = (known: ReadonlySet<string>): SignalReader<'opsgenie'> => ({
  isAuthentic: showsSecret,
  read(body, source, { receivedAt }) {
    const parsed = OpsgenieDelivery.safeParse(body)
    if (!parsed.success) throw malformed(`no webhook of Opsgenie's: ${where(parsed.error)}`)
    const { action, alert } = parsed.data
    const isFiring = STATES[action]
    if (isFiring === undefined) return { signals: [] }
    // What we opened there ourselves is no news, except that somebody has it.
    const own = readExternalKey(alert.alias ?? '')
    if (own) {
      const isAcknowledged = action === 'Acknowledge'
      const by = alert.username || 'Opsgenie'
      return { signals: [], ...(isAcknowledged && { acknowledged: { ...own, by } }) }
    }
    const { priority, entity, source: from, team } = alert
    const words: Record<string, string | undefined> = {
      ...alert.details,
      priority,
      entity,
      source: from,
      team,
    }
    const lookUp = (name: string) => words[name]
    return {
      signals: [
        makeSignal({
          key: alert.alertId,
          isFiring,
          startedAt: alert.createdAt,
          receivedAt,
          subject: alert.message || alert.alias || alert.alertId,
          reason: alert.description,
          serviceId: serviceOf(source, lookUp, known),
          severity: severityOf(source, lookUp),
        }),
      ],
    }
  },
})
