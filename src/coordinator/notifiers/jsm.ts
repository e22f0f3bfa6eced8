import type { Notifier } from './notifier.ts'
import { sendAlert } from './opsgenie.ts'

/**
 * Sends alerts to Jira Service Management, which took Opsgenie's interface over.
 *
 * @see https://developer.atlassian.com/cloud/jira/service-desk-ops/rest/v1/intro/
 */
export const sendJsm: Notifier<'jsm'> = async (delivery, { apiKey }, context) =>
  sendAlert(delivery, context, {
    name: 'Jira Service Management',
    url: context.senders.jsm?.url ?? 'https://api.atlassian.com/jsm/ops/integration',
    apiKey,
  })
