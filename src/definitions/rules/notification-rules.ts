import type { NotificationsFile } from '../../protocol/config.ts'
import type { Problem } from '../problem.ts'
import { problemAt, type YamlFile } from '../yaml/yaml-file.ts'

/** What the shape of `notifications.yaml` does not say: who sends what is to be sent. */
export function notificationProblems(yaml: YamlFile, written: NotificationsFile): Problem[] {
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
