import type { HostMessage } from '../messages.ts'

/** The channel to the supervisor. Code of others, which shares our `process`, does not get it. */
export function takeChannel(): (message: HostMessage) => void {
  const { send: channel } = process
  if (!channel) throw new Error('a journey host is started by a probe, not by hand')
  const bound = channel.bind(process)
  Reflect.deleteProperty(process, 'send')
  // When nobody is there to hear, the watchdog ends this process in a moment.
  return (message) => void bound(message, undefined, undefined, () => undefined)
}
