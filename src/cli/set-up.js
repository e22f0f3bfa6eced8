// Everything that a fresh machine with Node and npm needs before the rest of the code can run:
// dependencies (Node 26 is one of them), a Chromium, the built dashboard. `npm start` and `npm test`
// begin with it; when nothing is missing it takes a moment and says nothing.
//
// Plain JavaScript and Node's own modules only: it runs before anything is installed, on any Node
// from 20 on. That is why it can import nothing of the project.
import { spawn } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

const ROOT = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../..')
const BIN = join(ROOT, 'node_modules/.bin')
const NODE = join(BIN, 'node')
const BUILD = join(ROOT, '.build')

/** Steps that take longer show that they are alive. */
const PROGRESS_AFTER_MS = 1_000
const STEP_MS_MAX = 15 * 60_000

/**
 * Runs a command of a step. Its output is kept, and shown only when it fails.
 *
 * @param {string} what the step, for people
 * @param {string} command
 * @param {string[]} commandArguments
 * @param {{ hasFallback?: boolean }} [options] with a fallback, its failure needs no explanation
 * @returns {Promise<boolean>} whether it succeeded
 */
async function runStep(what, command, commandArguments, { hasFallback = false } = {}) {
  const log = join(tmpdir(), `firewatch-set-up-${process.pid}.log`)
  const output = openSync(log, 'w')
  const child = spawn(command, commandArguments, { cwd: ROOT, stdio: ['ignore', output, output] })
  const startedAt = performance.now()
  const seconds = () => Math.round((performance.now() - startedAt) / 1_000)
  const isTerminal = process.stderr.isTTY
  process.stderr.write(`set-up: ${what} …${isTerminal ? '' : '\n'}`)
  const progress = setInterval(() => {
    const text = `set-up: ${what} … ${seconds()} s`
    if (isTerminal) process.stderr.write(`\r${text}`)
    else if (seconds() % 10 === 0) process.stderr.write(`${text}\n`)
  }, PROGRESS_AFTER_MS)
  const deadline = setTimeout(() => child.kill('SIGKILL'), STEP_MS_MAX)
  try {
    const code = await new Promise((resolve) => {
      child.on('error', (error) => resolve(error.message))
      child.on('close', resolve)
    })
    const end = code === 0 ? `done in ${seconds()} s` : `failed (${code})`
    process.stderr.write(
      isTerminal ? `\r\x1b[2Kset-up: ${what}: ${end}\n` : `set-up: ${what}: ${end}\n`,
    )
    if (code !== 0 && !hasFallback)
      process.stderr.write(`${lastLines(readFileSync(log, 'utf8'))}\n`)
    return code === 0
  } finally {
    clearInterval(progress)
    clearTimeout(deadline)
    closeSync(output)
    rmSync(log, { force: true })
  }
}

/** @param {string} text */
const lastLines = (text) => text.trim().split('\n').slice(-30).join('\n')

/**
 * @param {string} path
 * @returns {number} when it was last changed; 0 when it is not there
 */
const changedAt = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0)

async function installDependencies() {
  // npm writes this file last, so an installation that was cut off counts as absent.
  const installed = changedAt(join(ROOT, 'node_modules/.package-lock.json'))
  if (installed >= changedAt(join(ROOT, 'package-lock.json')) && existsSync(NODE)) return
  if (
    !(await runStep('installing dependencies (npm ci)', 'npm', ['ci', '--no-audit', '--no-fund']))
  )
    fail('the dependencies could not be installed; the lines above say why')
  if (!existsSync(NODE))
    fail(
      'the npm package "node" did not put Node 26 into node_modules/.bin. Its install script may be blocked: ' +
        'run "npm install-scripts approve node", or use Node 26 or later yourself',
    )
}

/** The newest change below a folder. @param {string} folder @returns {number} */
function newestBelow(folder) {
  let newest = 0
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    newest = Math.max(newest, changedAt(join(folder, name)))
  return newest
}

async function buildDashboard() {
  const page = join(BUILD, 'dashboard/index.html')
  const sources = [
    'src/dashboard',
    'src/protocol',
    'src/base',
    'node_modules/.package-lock.json',
  ].map((name) => join(ROOT, name))
  const newest = Math.max(
    ...sources.map((path) => (statSync(path).isDirectory() ? newestBelow(path) : changedAt(path))),
  )
  if (changedAt(page) >= newest) return
  if (
    !(await runStep('building the dashboard', NODE, [
      join(ROOT, 'node_modules/vite/bin/vite.js'),
      'build',
      'src/dashboard',
    ]))
  )
    fail('the dashboard could not be built; the lines above say why')
}

async function findOrInstallChromium() {
  const finder = join(ROOT, 'src/cli/find-browser.ts')
  const isFound = () =>
    new Promise((resolve) => {
      const child = spawn(NODE, [finder], { cwd: ROOT, stdio: 'ignore' })
      child.on('error', () => resolve(false))
      child.on('close', (code) => resolve(code === 0))
    })
  if (await isFound()) return

  const playwright = join(ROOT, 'node_modules/playwright/cli.js')
  const attempts = [
    {
      what: "downloading Playwright's Chromium",
      command: NODE,
      arguments: [playwright, 'install', 'chromium-headless-shell'],
    },
  ]
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
    const apt =
      'export DEBIAN_FRONTEND=noninteractive; apt-get update -q; apt-get install -y -q --no-install-recommends chromium-headless-shell fonts-liberation'
    attempts.push({
      what: "installing Debian's chromium-headless-shell",
      command: 'sh',
      arguments: ['-c', apt],
    })
  }
  for (const [index, attempt] of attempts.entries()) {
    const hasFallback = index < attempts.length - 1
    const { what, command } = attempt
    if ((await runStep(what, command, attempt.arguments, { hasFallback })) && (await isFound()))
      return
  }
  fail(
    'no Chromium was found and none could be installed. Install Chromium or Chrome yourself, ' +
      'or set FIREWATCH_CHROMIUM to the path of one',
  )
}

/** @param {string} message @returns {never} */
function fail(message) {
  process.stderr.write(`set-up: ${message}\n`)
  process.exit(2)
}

await installDependencies()
mkdirSync(BUILD, { recursive: true })
await buildDashboard()
await findOrInstallChromium()
