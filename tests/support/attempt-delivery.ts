import { onTestFinished } from 'vitest'
import type { Delivery, DeliveryOutcome } from '../../src/coordinator/notifiers/notifier.ts'
import { notify } from '../../src/coordinator/notifiers/registry.ts'
import type { Destination, Senders } from '../../src/protocol/destination.ts'
import type { Notification } from '../../src/protocol/notification.ts'
import { createHttpClient } from '../../src/runtime/http-client.ts'
import { at } from './builders.ts'
import { movableClock } from './movable-clock.ts'

const noon = at('2026-03-13T12:00:00Z')
export const SECRETS: Record<string, string> = {
  HOOK_SECRET: `whsec_${Buffer.from('a secret for tests only, 32 byte').toString('base64')}`,
  SLACK_BOT_TOKEN: 'xoxb-of-the-test',
  OPSGENIE_API_KEY: 'eb243592-faa2-4ba2-a551-1afdf565c889',
  PAGERDUTY_ROUTING_KEY: '0123456789abcdef0123456789abcdef',
}
export const LINES = [
  'SEV-1 Storefront: A core function fails everywhere. Checkout-stop fails in 3 of 3 regions',
  '12:00 UTC, 2 min ago',
  'In eu-west, us-east and ap-south, 3 of 3 regions; confirmed global',
  'deploy of Storefront: release 812 (5 min before it began)',
  'INC-7: rolled back (second-responder)',
  'Bad deploy: roll back https://firewatch.test/runbooks/bad-deploy',
]

/** A delivery of an event of INC-12. */
export function aDelivery(type: string, data: Partial<Notification['data']> = {}): Delivery {
  const body: Notification = {
    type,
    timestamp: '2026-03-13T12:00:00Z',
    data: {
      id: 'INC-12',
      service: 'storefront',
      severity: 'SEV-1',
      headline: 'Checkout-stop fails in 3 of 3 regions',
      generation: 3,
      impactStartedAt: '2026-03-13T11:58:00Z',
      lines: LINES,
      url: 'https://firewatch.test/incidents/INC-12',
      acknowledgeUrl: 'https://firewatch.test/ack/of-this-person',
      ...data,
    },
  }
  return {
    deliveryId: 'INC-12.3.1.first-responder.phone',
    eventType: type,
    body: JSON.stringify(body),
  }
}

/** One attempt; what takes longer than the deadline is cut off as by the delivery loop. */
export async function attempt(
  destination: Destination,
  {
    senders = {},
    secrets = SECRETS,
    delivery = aDelivery('page'),
    deadlineMs = 10_000,
  }: {
    senders?: Senders
    secrets?: Record<string, string>
    delivery?: Delivery
    deadlineMs?: number
  } = {},
): Promise<DeliveryOutcome> {
  const http = createHttpClient()
  onTestFinished(() => http.close())
  return notify(delivery, destination, {
    http,
    clock: movableClock(noon),
    senders,
    secret: (name) => secrets[name],
    links: { to: (path) => `https://firewatch.test${path}` },
    signal: AbortSignal.timeout(deadlineMs),
  })
}
