import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadFleet } from '../../../src/definitions/load-fleet.ts'
import { demoDefinitions } from '../../../src/demo/demo-definitions.ts'
import { LINT_MS, lintOnCall } from '../../../src/domain/on-call/lint-on-call.ts'
import { at } from '../../support/builders.ts'
import { PROJECT } from '../../support/command.ts'
import { tempFolder } from '../../support/temp-folder.ts'

test('the demo has people who are on call for its shop, without a gap', async () => {
  const folder = await demoDefinitions(PROJECT, await tempFolder())
  const loaded = await loadFleet(folder, {
    ...process.env,
    DEMO_PAGES_URL: 'http://127.0.0.1:1/pages',
  })
  expect(loaded).toMatchObject({ ok: true })
  if (!loaded.ok || !loaded.fleet.onCall) throw new Error('nobody is on call in the demo')
  const from = at('2026-11-30T12:00:00Z')
  const complaints = lintOnCall({
    roster: { onCall: loaded.fleet.onCall, overrides: [], absences: [] },
    services: loaded.fleet.services.map(({ id }) => id),
    ...{ from, until: from + LINT_MS },
  })
  expect(complaints).toEqual([])
})

test('whoever writes people of their own has them in the demo', async () => {
  const folder = await tempFolder()
  await mkdir(join(folder, 'config'))
  await writeFile(join(folder, 'config/on-call.yaml'), 'people:\n  - id: first-responder\n')
  expect(await demoDefinitions(folder, await tempFolder())).toBe(folder)
})
