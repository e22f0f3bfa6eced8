import { chromium } from 'playwright'
import checkout from '../../../probes/storefront/checkout-stop.journey.ts'
import { type ContestantSettings, serveRuns } from './contestant-process.ts'
import { runBody } from './run-body.ts'

/**
 * A loop around Playwright and a warm browser, in which each run has a context and a page of its own:
 * nobody watches, nothing is recorded. The variant `guarded` also keeps the promise that no order is
 * placed, as far as Playwright does it: by a route, with service workers blocked.
 */
serveRuns(async ({ target, chromium: path, browserArguments, variant }: ContestantSettings) => {
  const isGuarded = variant === 'guarded'
  const browser = await chromium.launch({ executablePath: path, args: [...browserArguments] })
  return {
    async run() {
      const context = await browser.newContext({
        ...(isGuarded && { serviceWorkers: 'block' as const }),
      })
      if (isGuarded)
        await context.route('**/orders', (route) =>
          route.request().method() === 'POST' ? route.abort() : route.fallback(),
        )
      const page = await context.newPage()
      await runBody(checkout, { page, context, target })
      await context.close()
    },
    stop: () => browser.close(),
  }
})
