import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadFleet } from '../../../src/definitions/load-fleet.ts'
import { runFirewatch } from '../../support/command.ts'
import { aFleetFolder } from '../../support/fleet-files.ts'
import { startPage } from '../../support/probe.ts'

const CHECKS = 'probes/shop/shop.checks.yaml'
/** Four commands, each a process of its own, two of them with a browser. */
const COMMANDS_MS = 120_000

test(
  'in an empty folder: a journey that is valid and passes',
  async () => {
    const page = await startPage()
    const folder = await aFleetFolder()
    const made = await runFirewatch(['new', 'journey', 'shop', 'walk', '--url', page.url], {
      folder,
    })
    expect(made).toEqual({
      code: 0,
      stderr: '',
      stdout: `wrote probes/shop/walk.journey.ts\nwrote ${CHECKS}\nTry it: npx firewatch run walk\n`,
    })
    const loaded = await loadFleet(folder, {})
    expect(loaded).toMatchObject({ ok: true, fleet: { checks: [{ id: 'walk', url: page.url }] } })
    // The folder has no runbooks, and that is all there is to say of it.
    expect(loaded).toMatchObject({ warnings: [{ file: 'config/runbooks' }] })
    expect(loaded).toHaveProperty('warnings.length', 1)

    const passed = await runFirewatch(['run', 'walk'], { folder })
    expect(passed.stdout).toContain('✓ passed  walk')
    page.status = 503
    const failed = await runFirewatch(['run', 'walk'], { folder })
    expect(failed.code).toBe(1)
    expect(failed.stdout).toContain('status of the page')
  },
  COMMANDS_MS,
)

test('a second one starts where the first does, and the file keeps its comments', async () => {
  const before = `# Ours.\nservice: shop\nchecks:\n  - { id: first, kind: journey, script: ./first.journey.ts, url: 'http://shop.test/a', every: 5m } # mine\n`
  const folder = await aFleetFolder({ [CHECKS]: before, 'probes/shop/first.journey.ts': '' })
  const { code, stdout } = await runFirewatch(['new', 'journey', 'shop', 'second'], { folder })
  expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('added to') })
  const after = await readFile(join(folder, CHECKS), 'utf8')
  expect(after.slice(0, before.length)).toBe(before)
  expect(after).toContain('    url: http://shop.test/a\n')
  expect(await loadFleet(folder, {})).toMatchObject({ ok: true })
})

test.each([
  {
    why: 'a name in capitals',
    words: ['shop', 'Walk'],
    says: '"Walk" is no name for a journey; expected lower-case letters',
  },
  { why: 'a path for a name', words: ['shop', '../walk'], says: 'expected lower-case letters' },
  { why: 'a service in capitals', words: ['Shop', 'walk'], says: 'is no name for a service' },
  { why: 'a service that is not there', words: ['shopp', 'walk'], says: 'did you mean shop?' },
  {
    why: 'an id that is taken',
    words: ['shop', 'home'],
    says: 'home is a check of the service shop',
  },
  { why: 'a file that is there', words: ['shop', 'old'], says: 'old.journey.ts is there already' },
])('$why: refused with 2, and nothing is written', async ({ words, says }) => {
  const checks =
    "service: shop\nchecks:\n  - { id: home, kind: http, url: 'http://a/', every: 10s }\n"
  const folder = await aFleetFolder({ [CHECKS]: checks, 'probes/shop/old.journey.ts': '// mine' })
  const { code, stderr, stdout } = await runFirewatch(['new', 'journey', ...words], { folder })
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(says)
  expect(await readFile(join(folder, CHECKS), 'utf8')).toBe(checks)
  expect(await readFile(join(folder, 'probes/shop/old.journey.ts'), 'utf8')).toBe('// mine')
})
