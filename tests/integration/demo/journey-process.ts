import { parseArgs } from 'node:util'
import { isJourney } from 'firewatch'
import { chromium } from 'playwright'

/**
 * Runs one journey in a browser of its own, as `node journey-process.ts --journey file --target url
 * --map rules --chromium path`, and prints what came of it as JSON. A process, not an import: the
 * journeys' `expect` and the one of the tests cannot live in one.
 */

export type JourneyOutcome = { never: readonly string[]; steps: string[]; error?: string }

const { values } = parseArgs({
  options: {
    journey: { type: 'string', default: '' },
    target: { type: 'string', default: '' },
    map: { type: 'string', default: '' },
    chromium: { type: 'string', default: '' },
  },
})

const { default: journey } = await import(values.journey)
if (!isJourney(journey)) throw new Error(`${values.journey} has no journey as its default export`)

const browser = await chromium.launch({
  ...(values.chromium ? { executablePath: values.chromium } : {}),
  args: [
    '--no-sandbox',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    `--host-resolver-rules=${values.map}`,
  ],
})
const outcome: JourneyOutcome = { never: journey.options.never, steps: [] }
try {
  const context = await browser.newContext()
  const page = await context.newPage()
  await journey.body({
    page,
    context,
    request: context.request,
    target: values.target,
    async step(name, body) {
      outcome.steps.push(name)
      return body()
    },
    async soft(name, body) {
      outcome.steps.push(name)
      return body()
    },
    skip(reason) {
      throw new Error(`skipped: ${reason}`)
    },
    params: {},
    totp: () => '',
    secrets: {},
    log: () => undefined,
  })
} catch (error) {
  outcome.error = error instanceof Error ? error.message : String(error)
} finally {
  await browser.close()
}
process.stdout.write(JSON.stringify(outcome))
