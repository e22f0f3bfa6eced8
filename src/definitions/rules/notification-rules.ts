import { serviceEnd } from '../../domain/paging/service-ends.ts'
import type { NotificationsFile } from '../../protocol/config.ts'
import type { Problem } from '../problem.ts'
import { type Path, problemAt, valueAt, type YamlFile } from '../yaml/yaml-file.ts'
import { zoneProblems } from './on-call-rules.ts'

/** What the shape of `notifications.yaml` does not say: who sends what is to be sent, and zones. */
export function notificationProblems(yaml: YamlFile, written: NotificationsFile): Problem[] {
  return [...emailProblems(yaml, written), ...zoneProblems(yaml, ['tickets', 'zone'])]
}

/** Channels of services that end. Of people's contacts the lint of on-call tells the same. */
export const notificationWarnings = (yaml: YamlFile, { channels }: NotificationsFile): Problem[] =>
  channels.flatMap(({ kind }, index) => {
    const end = serviceEnd(kind)
    if (!end) return []
    return [
      problemAt(yaml, ['channels', index, 'kind'], {
        message: `${end.name} takes nothing any more from ${end.day} on`,
        expected: end.instead,
      }),
    ]
  })

function emailProblems(yaml: YamlFile, written: NotificationsFile): Problem[] {
  if (written.senders?.email) return []
  return written.channels.flatMap((channel, index) =>
    channel.kind === 'email'
      ? [
          problemAt(yaml, ['channels', index, 'kind'], {
            message: 'nothing says who sends e-mail',
            expected: 'senders: { email: { from: firewatch@example.com } } in this file',
          }),
        ]
      : [],
  )
}

/** Kinds of contact that the organisation must say how to send by, and what it says. */
const SENT_BY: Record<string, { sender: 'email' | 'voice'; what: string; example: string }> = {
  email: {
    ...{ sender: 'email', what: 'sends e-mail' },
    example: '{ email: { from: firewatch@example.com } }',
  },
  voice: {
    ...{ sender: 'voice', what: 'calls people' },
    example: "{ voice: { account: AC…, from: '+1…' } }",
  },
  sms: {
    ...{ sender: 'voice', what: 'sends text messages' },
    example: "{ voice: { account: AC…, from: '+1…' } }",
  },
}

/**
 * The same for those whom `on-call.yaml` names: an address without a sender would be found out by the
 * first page that does not arrive.
 *
 * @param notifications undefined where there is no such file, and so nobody who sends.
 */
export function unsentProblems(onCall: YamlFile, notifications: YamlFile | undefined): Problem[] {
  return ['people', 'stakeholders']
    .flatMap((list) => entriesOf(onCall, [list]))
    .flatMap((whom) => entriesOf(onCall, [...whom, 'contacts']))
    .flatMap((contact) => {
      const needed = SENT_BY[String(valueAt(onCall.value, [...contact, 'kind']))]
      if (!needed) return []
      if (valueAt(notifications?.value, ['senders', needed.sender]) !== undefined) return []
      return [
        problemAt(onCall, [...contact, 'kind'], {
          message: `nothing says who ${needed.what}`,
          expected: `senders: ${needed.example} in config/notifications.yaml`,
        }),
      ]
    })
}

function entriesOf({ value }: YamlFile, list: Path): Path[] {
  const written = valueAt(value, list)
  return Array.isArray(written) ? written.map((_, index) => [...list, index]) : []
}
