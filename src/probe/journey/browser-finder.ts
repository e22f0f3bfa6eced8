import { CheckError } from '../checks/check-runner.ts'
import { type FoundChromium, findChromium } from '../find-chromium.ts'
import { browserArguments } from './browser-arguments.ts'
import type { JourneyHostsParts } from './journey-hosts.ts'
import type { StartOrder } from './messages.ts'

/** Which browser hosts start, and how. */
export type BrowserFinder = {
  /** @throws {CheckError} `probe.browser_missing` */
  find(): Promise<Omit<StartOrder, 'kind' | 'folder'>>
  /** Looks again the next time: it may have been removed or replaced. */
  forget(): void
  /** Its version, or why there is none. */
  describe(): string
}

export function createBrowserFinder(parts: JourneyHostsParts): BrowserFinder {
  const { isHeaded, slowMoMs, isDebugged } = parts
  let found = parts.chromium
  return {
    async find() {
      // Looks again as long as there is none: somebody may install it while the probe runs.
      if (!found || 'missing' in found)
        found =
          parts.chromium ?? (await findChromium(parts.environment, { isHeaded: isHeaded === true }))
      if ('missing' in found) throw new CheckError('probe.browser_missing', found.missing)
      const args = browserArguments(parts.connectTo, { isRoot: process.getuid?.() === 0 })
      return { executablePath: found.path, args, headless: isHeaded !== true, slowMoMs, isDebugged }
    },
    forget() {
      found = undefined
    },
    describe: () => describeBrowser(found),
  }
}

function describeBrowser(found: FoundChromium | undefined): string {
  if (!found) return 'looking for Chromium'
  return 'missing' in found ? found.missing : found.version
}
