import { JourneyHost } from './journey-host.ts'
import type { JourneyHostsParts } from './journey-hosts.ts'
import type { StartOrder } from './messages.ts'

/** Hosts for one run each: a file of Playwright Test has a process tree of its own. */
export type SingleUseHosts = {
  /** Resolves when nothing of the host takes time or memory any more. */
  use<T>(
    browser: Omit<StartOrder, 'kind' | 'folder'>,
    stopping: AbortSignal,
    body: (host: JourneyHost) => Promise<T>,
  ): Promise<T>
  /** Gives up the runs under way. */
  stop(): Promise<void>
}

export function createSingleUseHosts(parts: JourneyHostsParts): SingleUseHosts {
  const hosts = new Set<JourneyHost>()
  return {
    async use(browser, stopping, body) {
      const host = new JourneyHost({ ...parts, program: 'test-file', browser })
      const stop = () => void host.stop()
      stopping.addEventListener('abort', stop)
      hosts.add(host)
      try {
        await host.ready()
        return await body(host)
      } finally {
        stopping.removeEventListener('abort', stop)
        await host.stop()
        hosts.delete(host)
      }
    },
    async stop() {
      await Promise.all([...hosts].map((host) => host.stop()))
    },
  }
}
