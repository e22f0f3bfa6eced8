import { test } from 'playwright/test'
import checkout from '../../../../probes/storefront/checkout-stop.journey.ts'
import { runBody } from '../run-body.ts'

test('buy a lamp, up to the order', async ({ page, context }) => {
  const target = process.env.BENCH_TARGET ?? ''
  await runBody(checkout, { page, context, target, step: (name, body) => test.step(name, body) })
})
