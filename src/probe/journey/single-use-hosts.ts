import type { JourneyHost } from './journey-host.ts'

/** Hosts for one run each: a file of Playwright Test has a process tree of its own. */
export type SingleUseHosts = {
  /** Resolves when nothing of the host takes time or memory any more. */
  use<T>(
    host: JourneyHost,
    stopping: AbortSignal,
    body: (host: JourneyHost) => Promise<T>,
  ): Promise<T>
  /** Gives up the runs under way. */
  stop(): Promise<void>
}

export function createSingleUseHosts(): SingleUseHosts {
  const hosts = new Set<JourneyHost>()
  return {
    async use(host, stopping, body) {
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
