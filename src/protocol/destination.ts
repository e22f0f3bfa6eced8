import { z } from 'zod'
import { NAME_LENGTH_MAX } from './ids.ts'
import { secretName } from './written-base.ts'

/**
 * Where a message can be sent, one variant a kind. Channels (`notifications.yaml`) and people's contact
 * methods (`on-call.yaml`) are both destinations; how the organisation sends by a kind is said once, in
 * `senders` of `notifications.yaml`.
 */

const httpAddress = (example: string) =>
  z.url({ protocol: /^https?$/, error: `an address such as ${example}` })
const ntfyToken = secretName.describe(
  'Name of the variable with an access token, where the server wants one.',
)
/** A telephone number as every country writes it, E.164. */
const PhoneNumber = z
  .string('expected a number such as +491701234567, in quotes')
  .regex(/^\+[1-9]\d{6,14}$/, 'a number with its country, such as +491701234567, in quotes')
const slackToken = secretName.describe("Name of the variable with the bot's token (xoxb-…).")

/** What each kind of destination says besides its kind. */
export const DESTINATION_FIELDS = {
  webhook: {
    url: httpAddress('https://chat.example.com/hook'),
    secret: secretName.describe(
      'Name of the environment variable that holds the signing secret (whsec_…).',
    ),
  },
  email: { to: z.email('an address such as first-responder@example.com') },
  slack: {
    channel: z
      .string()
      .regex(/^[CGDUW][A-Z0-9]{2,30}$/, 'the id of a channel or a member, such as C024BE91L')
      .describe("A channel's or a member's id: Slack shows it at the end of “About”."),
    token: slackToken.optional().describe('That of senders when absent.'),
  },
  pagerduty: {
    routingKey: secretName.describe(
      'Name of the environment variable that holds the integration key of Events API v2.',
    ),
  },
  opsgenie: {
    apiKey: secretName.describe(
      'Name of the environment variable that holds the key of an API integration.',
    ),
  },
  jsm: {
    apiKey: secretName.describe(
      'Name of the environment variable that holds the key of an API integration.',
    ),
  },
  ntfy: {
    topic: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,64}$/, 'a topic: up to 64 letters, digits, - and _')
      .describe('Whoever knows the topic of a public server can read it: make it hard to guess.'),
    url: httpAddress('https://ntfy.sh').optional().describe('That of senders when absent.'),
    token: ntfyToken.optional().describe('That of senders when absent.'),
  },
  voice: { phone: PhoneNumber.describe('It is called.') },
  sms: { phone: PhoneNumber.describe('It gets text messages.') },
} as const

export const Destination = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('webhook'), ...DESTINATION_FIELDS.webhook }),
  z.strictObject({ kind: z.literal('email'), ...DESTINATION_FIELDS.email }),
  z.strictObject({ kind: z.literal('slack'), ...DESTINATION_FIELDS.slack }),
  z.strictObject({ kind: z.literal('pagerduty'), ...DESTINATION_FIELDS.pagerduty }),
  z.strictObject({ kind: z.literal('opsgenie'), ...DESTINATION_FIELDS.opsgenie }),
  z.strictObject({ kind: z.literal('jsm'), ...DESTINATION_FIELDS.jsm }),
  z.strictObject({ kind: z.literal('ntfy'), ...DESTINATION_FIELDS.ntfy }),
  z.strictObject({ kind: z.literal('voice'), ...DESTINATION_FIELDS.voice }),
  z.strictObject({ kind: z.literal('sms'), ...DESTINATION_FIELDS.sms }),
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
      server: secretName
        .optional()
        .describe('Variable with smtps://user:password@mail.example.com; SMTP_URL when absent.'),
      from: z.email('an address such as firewatch@example.com'),
    })
    .optional()
    .describe('Needed where anybody is told by e-mail.'),
  slack: z
    .strictObject({
      url: httpAddress('https://slack.com/api').optional(),
      token: slackToken.optional().describe('SLACK_BOT_TOKEN when absent.'),
      signingSecret: secretName
        .optional()
        .describe(
          'Variable with the secret that proves pressed buttons; without it there are none.',
        ),
    })
    .optional(),
  pagerduty: z
    .strictObject({ url: httpAddress('https://events.pagerduty.com').optional() })
    .optional(),
  opsgenie: z
    .strictObject({
      url: httpAddress('https://api.eu.opsgenie.com')
        .optional()
        .describe(
          'https://api.eu.opsgenie.com for an account in the EU; https://api.opsgenie.com when absent.',
        ),
    })
    .optional(),
  jsm: z
    .strictObject({ url: httpAddress('https://api.atlassian.com/jsm/ops/integration').optional() })
    .optional()
    .describe('Alerts of Jira Service Management.'),
  ntfy: z
    .strictObject({
      url: httpAddress('https://ntfy.sh').optional(),
      token: ntfyToken.optional(),
    })
    .optional(),
  voice: z
    .strictObject({
      url: httpAddress('https://api.twilio.com')
        .optional()
        .describe('Of a service with the interface of Twilio; https://api.twilio.com when absent.'),
      account: z
        .string()
        .regex(/^[A-Za-z0-9-]{10,64}$/, 'the SID of an account, such as AC followed by 32 digits')
        .describe('SID of the account that calls; it is no secret.'),
      token: secretName
        .optional()
        .describe('Variable with the token of the account; TWILIO_AUTH_TOKEN when absent.'),
      from: PhoneNumber.describe('The number that calls; people keep it in their telephone.'),
      textsFrom: z
        .string()
        .regex(/^(\+[1-9]\d{6,14}|[A-Za-z0-9 ]{1,11})$/, 'a number, or a name of up to 11 letters')
        .optional()
        .describe('Number or name that text messages come from; that of calls when absent.'),
      asksWhoAnswers: z
        .boolean()
        .optional()
        .describe(
          'Whether each call finds out if a machine answers it, which counts as not answered. It costs more.',
        ),
    })
    .optional()
    .describe('Needed where anybody is called (voice) or gets text messages (sms).'),
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
