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

/**
 * The same for those whom `on-call.yaml` names: an address without a sender would be found out by the
 * first page that does not arrive.
 *
 * @param notifications undefined where there is no such file, and so nobody who sends.
 */
export function unsentProblems(onCall: YamlFile, notifications: YamlFile | undefined): Problem[] {
  if (valueAt(notifications?.value, ['senders', 'email']) !== undefined) return []
  return ['people', 'stakeholders']
    .flatMap((list) => entriesOf(onCall, [list]))
    .flatMap((whom) => entriesOf(onCall, [...whom, 'contacts']))
    .filter((contact) => valueAt(onCall.value, [...contact, 'kind']) === 'email')
    .map((contact) =>
      problemAt(onCall, [...contact, 'kind'], {
        message: 'nothing says who sends e-mail',
        expected:
          'senders: { email: { from: firewatch@example.com } } in config/notifications.yaml',
      }),
    )
}

function entriesOf({ value }: YamlFile, list: Path): Path[] {
  const written = valueAt(value, list)
  return Array.isArray(written) ? written.map((_, index) => [...list, index]) : []
}
