import type { Delivery } from '../live/answers.ts'
import { count } from '../words/quantity.ts'
import { Age, Moment } from './moment.tsx'

const STATES: { readonly [S in Delivery['state']]: { sign: string; tone: string } } = {
  waiting: { sign: '…', tone: 'tone-unknown' },
  pending: { sign: '…', tone: 'tone-unknown' },
  delivered: { sign: '✓', tone: 'tone-passed' },
  ambiguous: { sign: '?', tone: 'tone-degraded' },
  cancelled: { sign: '–', tone: 'tone-unknown' },
  undeliverable: { sign: '✗', tone: 'tone-failed' },
}

/** What was told to which channel, and whether it arrived. */
export function NotificationList({ notifications }: { notifications: readonly Delivery[] }) {
  return (
    <section aria-label="Notifications">
      <h2>Notifications</h2>
      {notifications.length === 0 ? (
        <p class="card empty">
          No channel was told. Channels are written in <code>config/notifications.yaml</code>.
        </p>
      ) : (
        <ul class="card notifications">
          {notifications.toReversed().map((delivery) => (
            <li key={delivery.deliveryId}>
              <span class={STATES[delivery.state].tone}>
                <span aria-hidden="true">{STATES[delivery.state].sign} </span>
                {delivery.isTaken === true ? 'under way' : delivery.state}
              </span>{' '}
              <strong>{delivery.channelId}</strong> {eventName(delivery.eventType)}
              <span class="quiet">
                {' '}
                · {count(delivery.attempts, 'attempt')} · <Moment at={delivery.updatedAt} />,{' '}
                <Age at={delivery.updatedAt} suffix=" ago" />
              </span>
              {delivery.lastError !== undefined && delivery.state !== 'delivered' && (
                <pre class="message">{delivery.lastError}</pre>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

/** `incident.severity_raised` as people say it; whom it is for stands before it. */
const eventName = (type: string) =>
  type.replace(/^(incident|stakeholder)\./, '').replaceAll('_', ' ')
