import { expect, test } from 'vitest'
import { runFirewatch } from '../../support/command.ts'
import { aFleetFolder } from '../../support/fleet-files.ts'

const IMPORT = "import { test } from '@playwright/test'\n"

const BAD: Record<string, { text: string; says: string }> = {
  syntax: {
    text: `${IMPORT}test('x', async ({ page }) => {\n  await page.goto('/'\n})\n`,
    says: 'probes/shop/syntax.spec.ts:4:1: Unexpected token, expected ","\n4 | })',
  },
  file: {
    text: `${IMPORT}import { lamp } from './lampp'\ntest(lamp, () => {})\n`,
    says: 'probes/shop/file.spec.ts:2:22: there is no file ./lampp\n2 | import',
  },
  package: {
    text: `${IMPORT}import lamp from 'lamp-pages'\ntest(lamp, () => {})\n`,
    says: 'probes/shop/package.spec.ts:2:18: there is no package lamp-pages here\n2 | import',
  },
  nothing: {
    text: `${IMPORT}test.describe('x', () => {})\n`,
    says: 'probes/shop/nothing.spec.ts:1:1: there is no test in it\n1 | import',
  },
  twice: {
    text: `${IMPORT}test('x', () => {})\ntest('x', () => {})\n`,
    says: 'probes/shop/twice.spec.ts:3:1: duplicate test title "x"',
  },
  focused: {
    text: `${IMPORT}test.only('x', () => {})\n`,
    says: "probes/shop/focused.spec.ts:2:6: item focused with '.only' is not allowed in a check",
  },
  throws: {
    text: `${IMPORT}test('x', () => {})\nthrow new Error('no shop')\n`,
    says: 'probes/shop/throws.spec.ts:3:7: no shop\n3 | throw',
  },
  exits: {
    text: 'process.exit(7)\n',
    says: 'probes/shop/exits.spec.ts:1:1: loading this file ended the process (exit code 7)',
  },
}

test('what keeps a file of Playwright Test from being run is said with its place', async () => {
  const files = Object.entries(BAD).map(([name, { text }]) => [`probes/shop/${name}.spec.ts`, text])
  const checks = [...Object.keys(BAD), 'good'].map(
    (name) => `  - { id: ${name}, kind: journey, script: ./${name}.spec.ts, every: 1m }\n`,
  )
  const folder = await aFleetFolder({
    'probes/shop/shop.checks.yaml': `service: shop\nchecks:\n${checks.join('')}`,
    'probes/shop/good.spec.ts': `${IMPORT}test('x', async ({ page }) => { await page.goto('/') })\n`,
    'probes/lost/playwright.config.ts': "export default { testDir: './tests' }\n",
    'probes/lost/lost.test.ts': `${IMPORT}test('x', () => {})\n`,
    'probes/lost/lost.checks.yaml':
      'service: shop\nchecks:\n  - { id: lost, kind: journey, script: ./lost.test.ts, every: 1m }\n',
    ...Object.fromEntries(files),
  })
  const { code, stdout } = await runFirewatch(['validate'], { folder })

  expect(code).toBe(2)
  for (const { says } of Object.values(BAD)) expect(stdout).toContain(says)
  expect(stdout).toContain(
    'probes/lost/lost.test.ts:1:1: no project of lost/playwright.config.ts has a test in this file',
  )
  expect(stdout).toContain(`${Object.keys(BAD).length + 1} problems in`)
}, 60_000)

test('a project of a journey in our own form is a mistake, and is said so', async () => {
  const folder = await aFleetFolder({
    'probes/shop/shop.checks.yaml':
      'service: shop\nchecks:\n  - { id: cart, kind: journey, script: ./cart.journey.ts, project: chromium, every: 1m }\n',
    'probes/shop/cart.journey.ts':
      "import { journey } from 'firewatch'\nexport default journey(async () => {})\n",
  })
  const { code, stdout } = await runFirewatch(['validate'], { folder })

  expect(code).toBe(2)
  expect(stdout).toMatch(
    /shop\.checks\.yaml:3:\d+: \.\/cart\.journey\.ts is no file of Playwright Test/,
  )
})
