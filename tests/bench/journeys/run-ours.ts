import { join } from 'node:path'
import { loadFleet } from '../../../src/definitions/load-fleet.ts'
import { runCheck } from '../../../src/probe/checks/run-check.ts'
import type { CheckOf } from '../../../src/protocol/check.ts'
import { createBenchHosts } from './bench-hosts.ts'
import { serveRuns } from './contestant-process.ts'

const ROOT = join(import.meta.dirname, '../../..')

/**
 * Firewatch: the check as `probes/` defines it, run as a probe runs it, with everything that a run
 * records of its steps, pages, requests and console, and with its verdict.
 */
serveRuns(async ({ target, chromium, folder }) => {
  const check = await findCheck('checkout-stop', target)
  const hosts = createBenchHosts({ chromium, folder, probesFolder: join(ROOT, 'probes') })
  return {
    async run() {
      const { verdict, error } = await runCheck(check, hosts.context())
      if (verdict !== 'passed') throw new Error(`${verdict}: ${error?.message}`)
    },
    stop: hosts.stop,
  }
})

async function findCheck(id: string, shop: string): Promise<CheckOf<'journey'>> {
  const loaded = await loadFleet(ROOT, { SHOP_URL: shop.replace(/\/$/, '') })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const check = loaded.fleet.checks.find((one) => one.id === id)
  if (check?.kind !== 'journey') throw new Error(`there is no journey ${id} in probes/`)
  return check
}
