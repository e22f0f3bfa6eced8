import type { Ticket, TicketOrder, TrackerKind, TrackerOf } from '../../protocol/ticket.ts'
import { type DeliveryOutcome, outcomeOfThrown } from '../notifiers/notifier.ts'
import { githubIssues } from './github.ts'
import { jiraIssues } from './jira.ts'
import type { TicketOutcome, TicketTracker, TrackerContext } from './tracker.ts'
import { ticketWebhook } from './webhook.ts'

/** Not compiling? A kind was added to `protocol/ticket.ts`, and nobody speaks to it yet. */
const trackers: { [K in TrackerKind]: TicketTracker<K> } = {
  github: githubIssues,
  jira: jiraIssues,
  webhook: ticketWebhook,
}

/** Carries out one order for a ticket, once. Never throws. */
export async function askTracker<K extends TrackerKind>(
  order: TicketOrder,
  ticket: Ticket | undefined,
  config: TrackerOf<K>,
  context: TrackerContext,
): Promise<TicketOutcome | DeliveryOutcome> {
  const tracker: TicketTracker<K> = trackers[config.kind as K]
  try {
    if (order.do === 'open') return await tracker.open(order, config, context)
    if (!ticket)
      return { kind: 'failed', reason: 'no ticket was opened that could hear it', retryable: false }
    if (ticket.tracker !== config.kind)
      return {
        kind: 'failed',
        reason: `${ticket.key} is a ticket of ${ticket.tracker}, which is no longer in config/`,
        retryable: false,
      }
    return await tracker.tell(order, ticket, config, context)
  } catch (error) {
    return outcomeOfThrown(error, context.signal)
  }
}
