import { CheckError } from '../checks/check-runner.ts'
import { type FoundChromium, findChromium } from '../find-chromium.ts'
import { browserArguments } from './browser-arguments.ts'
import type { HostLimits } from './host-limits.ts'
import { JourneyHost } from './journey-host.ts'
import type { JourneyHostsParts } from './journey-hosts.ts'

/** Starts hosts with the browser of this machine. */
export type HostStarter = {
  /** @throws {CheckError} `probe.browser_missing` when there is none. */
  start(): Promise<JourneyHost>
  /** The browser may have been removed or replaced: looks for it again at the next start. */
  forget(): void
  /** Its version, or why there is none. */
  browser(): string
}

export function createHostStarter(parts: JourneyHostsParts, limits: HostLimits): HostStarter {
  let found = parts.chromium
  return {
    async start() {
      // Looks again as long as there is none: somebody may install it while the probe runs.
      if (!found || 'missing' in found)
        found =
          parts.chromium ??
          (await findChromium(parts.environment, { isHeaded: parts.isHeaded === true }))
      if ('missing' in found) throw new CheckError('probe.browser_missing', found.missing)
      const args = browserArguments(parts.connectTo, { isRoot: process.getuid?.() === 0 })
      const { isHeaded, slowMoMs, isDebugged } = parts
      const headless = isHeaded !== true
      const browser = { executablePath: found.path, args, headless, slowMoMs, isDebugged }
      return new JourneyHost({ ...parts, limits, browser })
    },
    forget() {
      found = undefined
    },
    browser: () => describeBrowser(found),
  }
}

function describeBrowser(found: FoundChromium | undefined): string {
  if (!found) return 'looking for Chromium'
  return 'missing' in found ? found.missing : found.version
}
