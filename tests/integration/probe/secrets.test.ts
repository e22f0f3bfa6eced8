import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { createSecrets, type SecretsParts } from '../../../src/probe/secrets/secrets.ts'
import { runFirewatch } from '../../support/command.ts'
import { aFleetFolder } from '../../support/fleet-files.ts'
import { startPage } from '../../support/probe.ts'
import { listProcesses } from '../../support/processes.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { until } from '../../support/until.ts'

const CANARY = 'canary-5f1d'

/** Secrets with a clock that the test moves, and a folder whose script is the command. */
async function aVault(script: string, parts: Partial<SecretsParts> = {}) {
  const folder = await tempFolder()
  const at = (name: string) => join(folder, name)
  await writeFile(at('vault.sh'), `cd '${folder}'\n${script}`)
  let now = 1_000
  const lines: string[] = []
  const secrets = createSecrets({
    environment: { PATH: process.env.PATH, SHOP_PASSWORD_COMMAND: `sh ${at('vault.sh')}` },
    clock: { now: () => 0, monotonic: () => now },
    logger: pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) }),
    refreshMs: 60_000,
    ...parts,
  })
  onTestFinished(() => secrets.stop())
  const check = { secrets: ['SHOP_PASSWORD'] }
  return {
    secrets,
    log: () => lines.join(''),
    say: (text: string) => writeFile(at('value'), text),
    calls: async () => (await readFile(at('calls'), 'utf8').catch(() => '')).length,
    pass: (ms: number) => {
      now += ms
    },
    at,
    /** As a run does. */
    async get() {
      await secrets.prepare(check)
      return secrets.get('SHOP_PASSWORD')
    },
  }
}

const isRunning = (pid: number) => listProcesses().some((entry) => entry.pid === pid)

const COUNT = 'printf x >> calls\n'

test('a command gives the secret, without its last line break, and is asked once for many runs', async () => {
  const vault = await aVault(`${COUNT}printf 'two\\nlines\\n\\n'`)
  const values = await Promise.all(Array.from({ length: 20 }, () => vault.get()))
  expect(new Set(values)).toEqual(new Set(['two\nlines\n']))
  expect(await vault.calls()).toBe(1)
})

test('only what a check names is read, and a value of its own goes before a command', async () => {
  const vault = await aVault(COUNT)
  await vault.secrets.prepare({ secrets: ['OTHER'], method: 'POST' })
  expect(await vault.calls()).toBe(0)
  const environment = { A: 'own', A_COMMAND: 'false', FIREWATCH_X_COMMAND: 'echo x' }
  const plain = await aVault('', { environment })
  await plain.secrets.prepare({ secrets: ['A', 'FIREWATCH_X', 'NONE'] })
  expect(plain.secrets.get('A')).toBe('own')
  expect(plain.secrets.get('FIREWATCH_X')).toBeUndefined()
  expect(plain.secrets.get('NONE')).toBeUndefined()
})

test('the command has the variables that it logs in with, and none of ours', async () => {
  const environment = {
    PATH: process.env.PATH,
    VAULT_TOKEN: 'login',
    FIREWATCH_PROBE_TOKEN: 'ours',
    A_COMMAND: '["sh", "-c", "echo $VAULT_TOKEN $FIREWATCH_PROBE_TOKEN."]',
  }
  const { secrets } = await aVault('', { environment })
  await secrets.prepare({ secrets: ['A'] })
  expect(secrets.get('A')).toBe('login .')
})

test('an old value is read again before the next run; while that fails, it stays, with a warning', async () => {
  const vault = await aVault(`${COUNT}cat value || { echo "no $(cat last)" >&2; exit 7; }`)
  await vault.say(`${CANARY}-1\n`)
  expect(await vault.get()).toBe(`${CANARY}-1`)
  await vault.say(`${CANARY}-2\n`)
  vault.pass(59_000)
  expect(await vault.get()).toBe(`${CANARY}-1`)
  vault.pass(1_000)
  expect(await vault.get()).toBe(`${CANARY}-2`)

  // What the command complains of may be the secret itself.
  await writeFile(
    vault.at('vault.sh'),
    `cd '${vault.at('')}'\n${COUNT}echo "sealed ${CANARY}-2" >&2; exit 7`,
  )
  vault.pass(60_000)
  expect(await vault.get()).toBe(`${CANARY}-2`)
  expect(vault.log()).toContain('sh failed with exit code 7: sealed [secret SHOP_PASSWORD]')
  expect(vault.log()).toContain('its last value is used')
  const calls = await vault.calls()
  expect(await vault.get()).toBe(`${CANARY}-2`)
  expect(await vault.calls()).toBe(calls)

  await writeFile(vault.at('vault.sh'), `echo ${CANARY}-3`)
  vault.pass(15_000)
  await until('the value after the failure', async () => (await vault.get()) === `${CANARY}-3`)
  expect(vault.log()).not.toContain(CANARY)
})

test.each([
  {
    why: 'fails',
    script: `echo ${CANARY}; echo "${CANARY} bad" >&2; exit 2`,
    says: 'sh failed with exit code 2: [secret SHOP_PASSWORD] bad',
  },
  { why: 'is killed', script: 'kill -9 $$', says: 'sh failed with SIGKILL' },
  { why: 'prints nothing', script: 'echo', says: 'sh printed nothing' },
  {
    why: 'prints without end',
    script: 'while :; do echo 0123456789012345678901234567890123456789; done',
    says: 'sh printed more than 64 KiB',
  },
])('a command that $why: the run says so, and how', async ({ script, says }) => {
  const vault = await aVault(script)
  await expect(vault.get()).rejects.toMatchObject({
    type: 'probe.secret_missing',
    message: `this probe has no secret SHOP_PASSWORD: ${says}`,
  })
  expect(vault.log()).not.toContain(CANARY)
})

test.each([
  { why: 'no program', command: '/nowhere/vault read', says: 'vault cannot be started: ENOENT' },
  { why: 'for a shell', command: 'vault | head', says: 'A_COMMAND: no shell reads it' },
])('a command that is $why: the run says so', async ({ command, says }) => {
  const { secrets } = await aVault('', { environment: { A_COMMAND: command } })
  await secrets.prepare({ secrets: ['A'] })
  expect(() => secrets.get('A')).toThrow(says)
})

test('a command that takes too long is ended with all that it started', async () => {
  const vault = await aVault('sleep 300 & echo $! > pid; wait', { commandMs: 400 })
  await expect(vault.get()).rejects.toThrow('sh did not end within 400 ms')
  const pid = Number(await readFile(vault.at('pid'), 'utf8'))
  await until('no process', () => !isRunning(pid))
})

test('a probe that stops ends its commands', async () => {
  const vault = await aVault('echo $$ > pid; sleep 300')
  const getting = vault.get().catch((error: Error) => error.message)
  const pid = await until('the command', async () =>
    Number(await readFile(vault.at('pid'), 'utf8')),
  )
  await vault.secrets.stop()
  expect(await getting).toContain('the probe stops')
  expect(isRunning(pid)).toBe(false)
})

test('after a failure the command is not started for each run', async () => {
  const vault = await aVault(`${COUNT}exit 1`)
  for (let i = 0; i < 3; i++) await vault.get().catch(() => undefined)
  expect(await vault.calls()).toBe(1)
  vault.pass(15_000)
  await vault.get().catch(() => undefined)
  expect(await vault.calls()).toBe(2)
})

test('no more than four commands run at once', async () => {
  const folder = await tempFolder()
  const names = Array.from({ length: 10 }, (_, i) => `S${i}`)
  const script = join(folder, 'vault.sh')
  await writeFile(
    script,
    `mkdir '${folder}'/$1; ls -d '${folder}'/S* | wc -l; sleep 0.1; rmdir '${folder}'/$1`,
  )
  const environment = {
    PATH: process.env.PATH,
    ...Object.fromEntries(names.map((name) => [`${name}_COMMAND`, `sh ${script} ${name}`])),
  }
  const { secrets } = await aVault('', { environment })
  await secrets.prepare({ secrets: names })
  const atOnce = names.map((name) => Number(secrets.get(name)))
  expect(Math.max(...atOnce)).toBeLessThanOrEqual(4)
  expect(Math.max(...atOnce)).toBeGreaterThan(1)
})

test('firewatch run gives a check what its command prints, and shows it nowhere', async () => {
  const page = await startPage()
  const folder = await tempFolder()
  await writeFile(
    join(folder, 'login.journey.ts'),
    `import { journey } from 'firewatch'
export default journey(async ({ page, step, target, secrets, log }) => {
  await step('open', () => page.goto(target + '?key=' + secrets.SHOP_PASSWORD))
  log('sent ' + secrets.SHOP_PASSWORD)
})
`,
  )
  const words = [
    'run',
    'login.journey.ts',
    '--url',
    page.url,
    '--secret',
    'SHOP_PASSWORD',
    '--json',
  ]
  const environment = { SHOP_PASSWORD_COMMAND: `printf ${CANARY}` }
  const { code, stdout, stderr } = await runFirewatch(words, { folder, environment })
  expect(code).toBe(0)
  expect(page.requests[0]?.url).toBe(`/?key=${CANARY}`)
  expect(stdout).toContain('sent [secret SHOP_PASSWORD]')
  expect(stdout + stderr).not.toContain(CANARY)
})

test('a check of any kind gets what a command prints; validate says what is wrong with one', async () => {
  const page = await startPage()
  const folder = await aFleetFolder({
    'probes/shop/shop.checks.yaml': `service: shop
checks:
  - { id: home, kind: http, url: '${page.url}', every: 10s, secrets: [KEY], headers: { x: '{{KEY}}' } }
`,
  })
  const validate = (command: string) =>
    runFirewatch(['validate'], { folder, environment: { KEY_COMMAND: command } })
  const run = await runFirewatch(['run', 'home', '--json'], {
    folder,
    environment: { KEY_COMMAND: `printf ${CANARY}` },
  })
  expect(run.code).toBe(0)
  expect(page.requests[0]?.headers.x).toBe(CANARY)
  expect(run.stdout + run.stderr).not.toContain(CANARY)
  expect(await validate('vault read shop')).toMatchObject({ code: 0, stderr: '' })
  expect(await validate('vault read | head')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('  KEY_COMMAND: no shell reads it'),
  })
})
