import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runFirewatch } from '../../support/command.ts'
import { startDocsSite } from '../../support/docs-site.ts'
import { aFleetFolder } from '../../support/fleet-files.ts'

const SPEC = `import { expect, test } from '@playwright/test'
test('adds an item', async ({ page }) => {
  await test.step('open the list', () => page.goto('/todo'))
  await test.step('add ' + process.env.PRODUCT, async () => {
    await page.getByPlaceholder('What needs to be done?').fill(process.env.PRODUCT!)
    await page.keyboard.press('Enter')
    await expect(page.getByTestId('todo-title')).toHaveText(process.env.PRODUCT!)
  })
})
`

test('firewatch run takes a test file by its path, and a check that names one, several times', async () => {
  const site = await startDocsSite()
  const folder = await aFleetFolder({
    'probes/shop/shop.checks.yaml': `service: shop
checks:
  - { id: list, kind: journey, script: ./list.spec.ts, url: '${site.url}', every: 1m, params: { PRODUCT: desk } }
`,
    'probes/shop/list.spec.ts': SPEC,
  })
  await mkdir(join(folder, 'elsewhere'))
  await writeFile(join(folder, 'elsewhere/alone.test.ts'), SPEC)

  const byPath = await runFirewatch(
    ['run', 'elsewhere/alone.test.ts', '--url', site.url, '--param', 'PRODUCT=lamp', '--json'],
    { folder },
  )
  expect(byPath.code).toBe(0)
  expect(JSON.parse(byPath.stdout)).toMatchObject({
    checkId: 'alone',
    verdict: 'passed',
    steps: [{ name: 'open the list' }, { name: 'add lamp' }],
  })

  const repeated = await runFirewatch(['run', 'list', '--repeat', '2', '--json'], { folder })
  expect(repeated.code).toBe(0)
  expect(JSON.parse(repeated.stdout).runs).toMatchObject([
    { verdict: 'passed', steps: [{}, { name: 'add desk' }] },
    { verdict: 'passed', steps: [{}, { name: 'add desk' }] },
  ])
}, 90_000)
