import { CheckError } from './checks/check-runner.ts'
import type { JourneyHosts } from './journey/journey-hosts.ts'

/** In place of browsers where there are none on purpose. */
export const noJourneyHosts: JourneyHosts = {
  run: () => Promise.reject(noBrowser()),
  record: () => Promise.reject(noBrowser()),
  browser: () => 'none: FIREWATCH_BROWSERS is 0',
  stop: async () => undefined,
}

const noBrowser = () => new CheckError('probe.browser_missing', 'no browser is started here')
