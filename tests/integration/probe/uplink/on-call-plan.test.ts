import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../../../src/runtime/system-clock.ts'
import { runFirewatch } from '../../../support/command.ts'
import { aFleet, PROBE_TOKEN, startCoordinator } from '../../../support/coordinator.ts'
import { anOnCall, aPhone } from '../../../support/on-call.ts'
import { startProbe } from '../../../support/probe.ts'
import { tempFolder } from '../../../support/temp-folder.ts'
import { until } from '../../../support/until.ts'

test('with the coordinator down, a probe still says who is on call, and how old that is', async () => {
  const coordinator = await startCoordinator({
    database: 'sqlite',
    clock: systemClock,
    fleet: aFleet({
      checks: [],
      onCall: anOnCall({
        ada: [aPhone('a-secret-topic', 'https://push.example.com')],
        grace: [],
      }),
    }),
  })
  const folder = await tempFolder()
  const { stop } = await startProbe(coordinator.address, folder, {
    FIREWATCH_PROBE_TOKEN: PROBE_TOKEN,
  })
  const data = join(folder, 'probe')
  const file = join(data, 'on-call-plan.json')
  await until('the probe keeps who is on call', () => existsSync(file))
  await stop()
  await coordinator.stop()

  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(await readFile(file, 'utf8')).not.toMatch(/a-secret-topic|push\.example/)
  const ask = (...typed: string[]) => runFirewatch(['on-call', 'who', ...typed], { folder })
  const [told, program, nowhere, late] = await Promise.all([
    ask('--from-probe', data, '--service', 'storefront'),
    ask('--from-probe', data, '--json'),
    ask('--from-probe', folder),
    ask('--from-probe', data, '--at', '2099-01-01T00:00:00Z'),
  ])
  expect(told).toMatchObject({ code: 0, stderr: '' })
  expect(told.stdout).toMatch(
    /^By a copy that is .* old: [\s\S]*\nShop \(storefront\)\n {2}ada until .*, behind them grace/,
  )
  expect(JSON.parse(program.stdout).teams).toMatchObject([{ id: 'shop' }])
  expect(nowhere).toMatchObject({ code: 2, stdout: '' })
  expect(nowhere.stderr).toContain('on-call-plan.json: ENOENT; expected the data folder of a probe')
  expect(late.code).toBe(3)
  expect(late.stdout).toContain('It reaches until')
})
