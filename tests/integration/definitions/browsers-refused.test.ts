import { expect, test } from 'vitest'
import { formatProblem } from '../../../src/definitions/format-problem.ts'
import { loadFleet } from '../../../src/definitions/load-fleet.ts'
import { CHECK_FILE, fleetFolder } from './fleet-folder.ts'

const JOURNEY = `service: shop
checks:
  - id: buy
    kind: journey
    script: ./buy.journey.ts
    every: 60s
`

async function problemsOf(checks: string): Promise<string[]> {
  const folder = await fleetFolder({ [CHECK_FILE]: checks })
  const loaded = await loadFleet(folder, {})
  return loaded.ok ? [] : loaded.problems.map(formatProblem)
}

test.each([
  {
    what: 'a slower line with Firefox',
    browser: `    browser: { engine: firefox, network: { latencyMs: 80 } }\n`,
    says: /7:42: "browser.network" needs the engine chromium, and the check asks for firefox: /,
  },
  {
    what: 'a channel of WebKit',
    browser: `    browser: { engine: webkit, channel: chrome }\n`,
    says: /7:41: "browser.channel" needs the engine chromium, .* expected engine: chromium, or no browser.channel$/,
  },
  {
    what: 'never rules with Firefox',
    browser: `    never: ['POST **/orders']\n    browser: { engine: firefox }\n`,
    says: /7:12: "never" needs the engine chromium, .* a redirect leads to; /,
  },
])('$what is refused', async ({ browser, says }) => {
  expect(await problemsOf(JOURNEY + browser)).toEqual([expect.stringMatching(says)])
})

test.each([
  `    browser: { engine: firefox, locale: de-DE }\n`,
  `    never: ['POST **/orders']\n    browser: { channel: chrome, network: { latencyMs: 80 } }\n`,
])('what every engine can do is fine: %s', async (browser) => {
  expect(await problemsOf(JOURNEY + browser)).toEqual([])
})
