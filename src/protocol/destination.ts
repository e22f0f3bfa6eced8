import { z } from 'zod'
import { NAME_LENGTH_MAX } from './ids.ts'

/**
 * Where a message can be sent, one variant a kind. Channels (`notifications.yaml`) and people's contact
 * methods (`on-call.yaml`) are both destinations; how the organisation sends by a kind is said once, in
 * `senders` of `notifications.yaml`.
 */

/** The name of an environment variable that holds a secret; the secret itself is never written. */
export const secretName = (example: string) =>
  z.string().regex(/^[A-Z][A-Z0-9_]*$/, `the name of a variable, such as ${example}`)

const httpAddress = (example: string) =>
  z.url({ protocol: /^https?$/, error: `an address such as ${example}` })

/** What each kind of destination says besides its kind. */
export const DESTINATION_FIELDS = {
  webhook: {
    url: httpAddress('https://chat.example.com/hook'),
    secret: secretName('CHAT_WEBHOOK_SECRET').describe(
      'Name of the environment variable that holds the signing secret (whsec_…).',
    ),
  },
  email: { to: z.email('an address such as first-responder@example.com') },
  slack: {
    channel: z
      .string()
      .regex(/^[CGDUW][A-Z0-9]{2,20}$/, 'the id of a channel or a member, such as C024BE91L')
      .describe("A channel's or a member's id: Slack shows it at the end of “About”."),
  },
  pagerduty: {
    routingKey: secretName('PAGERDUTY_ROUTING_KEY').describe(
      'Name of the environment variable that holds the integration key of Events API v2.',
    ),
  },
  ntfy: {
    topic: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,64}$/, 'a topic: up to 64 letters, digits, - and _')
      .describe('Whoever knows the topic of a public server can read it: make it hard to guess.'),
  },
} as const

export const Destination = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('webhook'), ...DESTINATION_FIELDS.webhook }),
  z.strictObject({ kind: z.literal('email'), ...DESTINATION_FIELDS.email }),
  z.strictObject({ kind: z.literal('slack'), ...DESTINATION_FIELDS.slack }),
  z.strictObject({ kind: z.literal('pagerduty'), ...DESTINATION_FIELDS.pagerduty }),
  z.strictObject({ kind: z.literal('ntfy'), ...DESTINATION_FIELDS.ntfy }),
])
export type Destination = z.infer<typeof Destination>
export type DestinationKind = Destination['kind']
export type DestinationOf<K extends DestinationKind> = {
  [T in DestinationKind]: Extract<Destination, { kind: T }>
}[K]

/** How the organisation sends by each kind. What is absent uses the kind's usual server and variables. */
export const Senders = z.strictObject({
  email: z
    .strictObject({
      server: secretName('SMTP_URL')
        .optional()
        .describe('Variable with smtps://user:password@mail.example.com; SMTP_URL when absent.'),
      from: z.email('an address such as firewatch@example.com'),
    })
    .optional()
    .describe('Needed where anybody is told by e-mail.'),
  slack: z
    .strictObject({
      url: httpAddress('https://slack.com/api').optional(),
      token: secretName('SLACK_BOT_TOKEN')
        .optional()
        .describe('Variable with the bot token (xoxb-…); SLACK_BOT_TOKEN when absent.'),
      signingSecret: secretName('SLACK_SIGNING_SECRET')
        .optional()
        .describe(
          'Variable with the secret that proves pressed buttons; without it there are none.',
        ),
    })
    .optional(),
  pagerduty: z
    .strictObject({ url: httpAddress('https://events.pagerduty.com').optional() })
    .optional(),
  ntfy: z
    .strictObject({
      url: httpAddress('https://ntfy.sh').optional(),
      token: secretName('NTFY_TOKEN')
        .optional()
        .describe('Variable with an access token, where the server wants one.'),
    })
    .optional(),
})
export type Senders = z.infer<typeof Senders>

/** Names a channel or a contact method among its like. */
export const ChannelId = z
  .string()
  .max(NAME_LENGTH_MAX)
  .regex(
    /^[a-z0-9]+(-[a-z0-9]+)*$/,
    'lower-case letters, digits and single dashes, such as chat-bridge',
  )
