import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { tryJourneys } from '../../../src/probe/try-journeys.ts'
import { runFirewatch, startFirewatch } from '../../support/command.ts'
import { aFleetFolder } from '../../support/fleet-files.ts'
import { descendantsOf, listProcesses } from '../../support/processes.ts'
import { until } from '../../support/until.ts'

const GOOD = "import { journey } from 'firewatch'\nexport default journey(async () => {})\n"

const BAD: Record<string, { text: string; says: string }> = {
  syntax: {
    text: "import { journey } from 'firewatch'\nexport default journey(async () => {\n  const = 3\n})\n",
    says: 'probes/shop/syntax.journey.ts:3:9: SyntaxError: Unexpected token `=`',
  },
  file: {
    text: "import './nope.ts'\n",
    says: 'probes/shop/file.journey.ts:1:8: there is no file ./nope.ts',
  },
  package: {
    text: "import 'no-such-package'\n",
    says: 'probes/shop/package.journey.ts:1:8: there is no package no-such-package here',
  },
  named: {
    text: "import { journey, step } from 'firewatch'\nexport default journey(async () => step)\n",
    says: "probes/shop/named.journey.ts:1:19: 'firewatch' exports no value step",
  },
  type: {
    text: "import { journey, JourneyContext } from 'firewatch'\nexport default journey(async () => {})\n",
    says: "probes/shop/type.journey.ts:1:19: 'firewatch' exports no value JourneyContext; expected import type { JourneyContext }, if it is a type",
  },
  enum: {
    text: 'enum Size { small }\n',
    says: 'probes/shop/enum.journey.ts:1:1: an enum cannot be left out as types are',
  },
  namespace: {
    text: 'namespace Shop { export const a = 1 }\n',
    says: 'probes/shop/namespace.journey.ts:1:1: a namespace cannot be left out',
  },
  property: {
    text: 'class Cart { constructor(private size: number) {} }\n',
    says: 'probes/shop/property.journey.ts:1:34: a parameter that is a property as well cannot be left out as types are, and journeys are not compiled; expected a field of the class, which the constructor sets',
  },
  throws: {
    text: "const shop = JSON.parse('{')\n",
    says: 'probes/shop/throws.journey.ts:1:19: SyntaxError: Expected property name',
  },
  nothing: {
    text: 'export const a = 1\n',
    says: 'probes/shop/nothing.journey.ts:1:1: there is no default export',
  },
  outside: {
    text: "import { journey } from 'firewatch'\nawait step('x', () => {})\nexport default journey(async () => {})\n",
    says: 'probes/shop/outside.journey.ts:2:1: step is used outside of a journey',
  },
  exits: {
    text: 'process.exit(7)\n',
    says: 'probes/shop/exits.journey.ts:1:1: loading this file ended the process (exit code 7)',
  },
}

const checksOf = (names: string[]) =>
  `service: shop\nchecks:\n${names.map((name) => `  - { id: ${name}, kind: journey, script: ./${name}.journey.ts, every: 1m }\n`).join('')}`

const filesOf = (journeys: Record<string, string>) => ({
  'probes/shop/shop.checks.yaml': checksOf(Object.keys(journeys)),
  ...Object.fromEntries(
    Object.entries(journeys).map(([name, text]) => [`probes/shop/${name}.journey.ts`, text]),
  ),
})

test('each way to be no journey is said with its place, the good ones beside it are fine', async () => {
  const bad = Object.fromEntries(Object.entries(BAD).map(([name, { text }]) => [name, text]))
  const folder = await aFleetFolder(filesOf({ good: GOOD, ...bad, last: GOOD }))
  const { code, stdout } = await runFirewatch(['validate'], { folder })
  expect(code).toBe(2)
  for (const { says } of Object.values(BAD)) expect(stdout).toContain(says)
  expect(stdout).toContain('3 |   const = 3\n  |         ^\n')
  expect(stdout).toContain('12 problems in 12 files')
})

test('beside problems of the definitions, and as JSON', async () => {
  const folder = await aFleetFolder({
    ...filesOf({ good: GOOD, outside: BAD.outside?.text ?? '' }),
    'probes/shop/more.checks.yaml':
      'service: shop\nchecks:\n  - { id: home, kind: http, every: 1m }\n',
  })
  const { code, stdout } = await runFirewatch(['validate', '--json'], { folder })
  const { valid, problems } = JSON.parse(stdout)
  expect({ code, valid }).toEqual({ code: 2, valid: false })
  expect(problems).toEqual([
    expect.objectContaining({ file: 'probes/shop/more.checks.yaml', line: 3 }),
    {
      file: 'probes/shop/outside.journey.ts',
      line: 2,
      column: 1,
      message: 'step is used outside of a journey',
      expected: 'journey(async ({ step }) => { … }), which is given it',
    },
  ])
})

test('the same words, place and frame when it is run, as a fault of the script', async () => {
  const names = ['syntax', 'type'] as const
  const texts = names.map((name) => [name, BAD[name]?.text ?? ''] as const)
  const folder = await aFleetFolder(filesOf(Object.fromEntries(texts)))
  for (const name of names) {
    const { code, stdout } = await runFirewatch(['run', name, '--json'], { folder })
    const { verdict, error } = JSON.parse(stdout)
    expect({ code, verdict, type: error.type }).toEqual({
      code: 1,
      verdict: 'failed',
      type: 'journey.script',
    })
    expect(error.message).toContain(BAD[name]?.says.replace(/^probes\//, ''))
  }
  const { stdout } = await runFirewatch(['run', 'syntax'], { folder })
  expect(stdout).toMatch(/3 \| {3}const = 3\n +\| {9}\^/)
})

test('a file that never ends loading is given up with all that it started, those after it get a fresh process', async () => {
  const journeys = {
    starts:
      "import { spawn } from 'node:child_process'\nspawn('sleep', ['7654'])\nawait new Promise(() => {})\n",
    spins: 'while (true) {}\n',
    good: GOOD,
    nothing: 'export const a = 1\n',
  }
  const folder = await aFleetFolder(filesOf(journeys))
  const files = Object.keys(journeys).map((name) => `probes/shop/${name}.journey.ts`)
  const problems = await tryJourneys([...files, ...files], {
    folder,
    environment: process.env,
    loadMs: 3_000,
  })
  expect(problems.map(({ file, message }) => `${file}: ${message}`)).toEqual([
    'probes/shop/nothing.journey.ts: there is no default export',
    'probes/shop/spins.journey.ts: loading this file did not end within 3 s',
    'probes/shop/starts.journey.ts: loading this file did not end within 3 s',
  ])
  const left = listProcesses().filter(({ command }) => /try-process|sleep 7654/.test(command))
  expect(left).toEqual([])
  const prefix = `firewatch-host-${process.pid}-`
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith(prefix))).toEqual([])
})

test('a journey that spins does not outlive a validate that is killed', async () => {
  const folder = await aFleetFolder(filesOf({ spins: 'while (true) {}\n' }))
  const command = startFirewatch(['validate'], { folder })
  const loading = await until('the process that loads', () =>
    descendantsOf(command.process.pid ?? 0).find(({ command }) => command.includes('try-process')),
  )
  command.process.kill('SIGKILL')
  await until('its end', () => listProcesses().every(({ pid }) => pid !== loading.pid))
})
