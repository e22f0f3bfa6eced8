import { CheckError } from '../checks/check-runner.ts'
import { type BrowserChoice, findBrowser, USUAL_BROWSER } from '../find-browser.ts'
import type { FoundChromium } from '../find-chromium.ts'
import { browserArguments } from './browser-arguments.ts'
import type { HostLimits } from './host-limits.ts'
import { type HostProgram, JourneyHost } from './journey-host.ts'
import type { JourneyHostsParts } from './journey-hosts.ts'
import { openMemoryGroups } from './memory-groups.ts'

/** Starts hosts with the browsers of this machine. */
export type HostStarter = {
  /** @throws {CheckError} `probe.browser_missing` when there is no such browser. */
  start(choice: BrowserChoice, program?: HostProgram): Promise<JourneyHost>
  /** The browser may have been removed or replaced: looks for it again at the next start. */
  forget(choice: BrowserChoice): void
  /** The usual one's version, or why there is none. */
  browser(): string
}

export function createHostStarter(parts: JourneyHostsParts, limits: HostLimits): HostStarter {
  const groups = openMemoryGroups()
  const memoryGroups = 'missing' in groups ? undefined : groups
  if ('missing' in groups)
    parts.logger.debug({ why: groups.missing }, 'memory of journey hosts is only measured')
  /** By name; what is missing is looked for again, because somebody may install it. */
  const known = new Map<string, FoundChromium>()
  const given = (choice: BrowserChoice) =>
    isSameBrowser(choice, USUAL_BROWSER) ? parts.chromium : undefined

  async function find(choice: BrowserChoice): Promise<FoundChromium> {
    const name = keyOf(choice)
    const before = known.get(name)
    if (before && 'path' in before) return before
    const found =
      given(choice) ??
      (await findBrowser(choice, parts.environment, { isHeaded: parts.isHeaded === true }))
    known.set(name, found)
    return found
  }

  return {
    async start(choice, program = 'journeys') {
      const found = await find(choice)
      if ('missing' in found) throw new CheckError('probe.browser_missing', found.missing)
      const { engine } = choice
      const { isHeaded, slowMoMs, isDebugged } = parts
      if (engine !== 'chromium' && parts.connectTo.rules.length > 0)
        throw new CheckError(
          'probe.browser_missing',
          `this probe has connect-to rules, which ${engine} cannot follow; only Chromium can`,
        )
      const isRoot = process.getuid?.() === 0
      const args = engine === 'chromium' ? browserArguments(parts.connectTo, { isRoot }) : []
      const headless = isHeaded !== true
      const browser = { engine, executablePath: found.path, args, headless, slowMoMs, isDebugged }
      return new JourneyHost({ ...parts, program, limits, memoryGroups, browser })
    },
    forget: (choice) => void known.delete(keyOf(choice)),
    browser: () => describeBrowser(known.get(keyOf(USUAL_BROWSER)) ?? parts.chromium),
  }
}

const keyOf = ({ engine, channel }: BrowserChoice) => `${engine} ${channel ?? ''}`

export const isSameBrowser = (one: BrowserChoice, other: BrowserChoice): boolean =>
  keyOf(one) === keyOf(other)

function describeBrowser(found: FoundChromium | undefined): string {
  if (!found) return 'looking for Chromium'
  return 'missing' in found ? found.missing : found.version
}
