import { cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ConnectToVariable } from '../../../src/probe/connect-to.ts'
import { createJourneyHosts } from '../../../src/probe/journey/journey-hosts.ts'
import { createLogger } from '../../../src/runtime/logger.ts'
import { systemClock } from '../../../src/runtime/system-clock.ts'
import { aCheck } from '../../support/builders.ts'
import { runOnce } from '../../support/check-context.ts'
import { PROJECT } from '../../support/command.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { startShop } from '../demo/running-shop.ts'

/** The shipped journey, gone on by one click that it must never make. */
const ORDERING = `
import { journey } from 'firewatch'
import checkoutStop from './checkout-stop.journey.ts'

export default journey(checkoutStop.options, async (context) => {
  await checkoutStop.body(context)
  await context.step('place the order', async () => {
    await context.page.getByRole('button', { name: 'Place order' }).click()
    await context.page.waitForURL('**/orders/**')
  })
})
`

async function ordersIn(shopUrl: string): Promise<number> {
  const response = await fetch(new URL('/api/orders/health', shopUrl))
  return ((await response.json()) as { orders: number }).orders
}

test('a journey that tries to place the order is stopped, fails for that reason, and no order is there', async () => {
  const shop = await startShop()
  const folder = await tempFolder()
  await cp(join(PROJECT, 'probes'), folder, { recursive: true })
  await writeFile(join(folder, 'storefront/ordering.journey.ts'), ORDERING)
  const connectTo = ConnectToVariable.parse(shop.connectTo['eu-west'])
  const journeyHosts = createJourneyHosts({
    count: 1,
    probesFolder: folder,
    environment: process.env,
    connectTo,
    logger: createLogger('test', 'silent'),
    clock: systemClock,
    tempFolder: join(folder, 'temp'),
  })
  onTestFinished(() => journeyHosts.stop())
  const run = (script: string) =>
    runOnce(aCheck('journey', { script, url: 'http://shop.test/', timeoutMs: 20_000 }), {
      connectTo,
      journeyHosts,
    })

  const stopping = await run('storefront/checkout-stop.journey.ts')
  expect(stopping).toMatchObject({ verdict: 'passed' })
  expect(stopping.steps.at(-1)?.name).toBe('stop before ordering')

  const ordering = await run('storefront/ordering.journey.ts')
  expect(ordering).toMatchObject({
    verdict: 'failed',
    error: {
      type: 'journey.forbidden_request',
      message: expect.stringContaining('POST http://shop.test/orders'),
    },
  })
  expect(await ordersIn(shop.url)).toBe(0)
})
