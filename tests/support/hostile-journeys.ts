import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RunOptions } from './journey-bench.ts'
import type { ProcessEntry } from './processes.ts'

/** What a journey or its page does to harm the probe, and what must come of it. */
export type HostileJourney = {
  what: string
  body: string
  options?: RunOptions
  /** The error's type; undefined where the run passes. */
  type: string | undefined
  message?: RegExp
  /** Done from outside, once the journey says that it waits (it asks for `/waits`). */
  attack?: { signal: NodeJS.Signals; to: 'host' | 'browser' }
  /** Tried in each `npm test` as well. */
  isShort?: boolean
}

export const MEMORY_MAX = 700 * 1024 ** 2
const DEADLINE_MS = 2_000
const WAITS = `await step('wait', () => page.goto(target + '/waits'))`
const spare = { timeoutMs: 20_000 }

/** The seconds that a daemon sleeps for, by which it is known. */
export const DAEMON_SECONDS = 100_000 + process.pid

export const PAGES: Record<string, string> = {
  '/': '<h1>fine</h1>',
  '/loop': '<h1>loop</h1><script>setTimeout(() => { for (;;); }, 50)</script>',
  '/dialogs': '<script>setTimeout(() => { for (;;) alert("again") }, 50)</script>',
  '/windows': `<script>setInterval(() => { for (let n = 0; n < 5; n++) open('/windows') }, 10)</script>`,
  '/memory': `<script>const all = []; setTimeout(function grow() {
    all.push(new Uint8Array(32e6).fill(1)); setTimeout(grow, 5) }, 50)</script>`,
  '/console': `<script>setTimeout(() => { for (let n = 0; n < 1e6; n++) console.log('line', n) }, 50)</script>`,
  '/unload': `<script>addEventListener('beforeunload', (event) => { for (;;); })</script><h1>stay</h1>`,
  '/gigabytes': `<script>fetch('/endless').then((answer) => answer.arrayBuffer())</script>`,
  '/offers': '<a href="/endless">file</a>',
}

export const HOSTILE_JOURNEYS: readonly HostileJourney[] = [
  {
    what: 'a page that loads without end',
    body: `await step('open', () => page.goto(target + '/drip'))`,
    type: 'timeout',
    message: /^step "open" did not finish within 2 s/,
  },
  {
    what: 'a page in an endless loop',
    body: `await page.goto(target + '/loop')
      await step('read', async () => { for (;;) await page.evaluate(() => document.title) })`,
    type: 'timeout',
    message: /^step "read" did not finish/,
  },
  {
    what: 'a journey in an endless loop',
    body: `await step('spin', () => { for (;;); })`,
    type: 'journey.script',
    message:
      /^step "spin" did not finish within 2 s: the journey's own code keeps its process busy/,
  },
  {
    what: 'dialogs in a loop',
    body: `await page.goto(target + '/dialogs')
      await step('read', async () => { for (;;) await page.evaluate(() => document.title) })`,
    type: 'timeout',
    message: /^step "read" did not finish/,
    isShort: true,
  },
  {
    what: 'windows without end',
    body: `await page.goto(target + '/windows')
      await step('read', () => page.getByText('fine').click())`,
    options: spare,
    type: 'journey.page_crashed',
    message: /^the page opened more than 20 windows$/,
    isShort: true,
  },
  {
    what: 'a renderer that crashes',
    body: `await step('open', () => page.goto('chrome://crash'))`,
    type: 'journey.page_crashed',
  },
  {
    what: 'a browser that crashes',
    body: WAITS,
    attack: { signal: 'SIGSEGV', to: 'browser' },
    options: spare,
    type: 'probe.browser_crashed',
    message: /^the browser ended in step "wait"/,
  },
  {
    what: 'a host that crashes',
    body: WAITS,
    attack: { signal: 'SIGSEGV', to: 'host' },
    options: spare,
    type: 'probe.host_crashed',
  },
  {
    what: 'a browser that is stopped',
    body: WAITS,
    attack: { signal: 'SIGSTOP', to: 'browser' },
    type: 'probe.browser_crashed',
    message: /^the browser was stopped by a signal$/,
    isShort: true,
  },
  {
    what: 'a host that is stopped',
    body: WAITS,
    attack: { signal: 'SIGSTOP', to: 'host' },
    type: 'probe.host_crashed',
    message: /was stopped by a signal$/,
  },
  {
    what: 'a page that takes all memory',
    body: `await step('open', () => page.goto(target + '/memory'))
      await step('read', () => page.getByText('fine').click())`,
    options: spare,
    type: 'journey.page_crashed',
    message: /^the page (took too much memory|crashed)/,
  },
  {
    what: 'a journey whose heap grows',
    body: `const all = []; for (let n = 0; ; n++) all.push(new Array(1e5).fill(n + 0.5))`,
    options: spare,
    type: 'probe.out_of_resources',
  },
  {
    what: 'a journey whose buffers grow',
    body: `const all = []; for (;;) { all.push(Buffer.alloc(32e6, 1)); await null }`,
    options: spare,
    type: 'probe.out_of_resources',
    message: /^the journey's own code took too much memory/,
  },
  {
    what: 'process.exit()',
    body: `await step('leave', () => process.exit(0))`,
    type: 'journey.script',
    message: /in step "leave" \(exit code 0\)/,
  },
  {
    what: 'a promise that is rejected after the end',
    body: `setTimeout(() => Promise.reject(new Error('late')), 1)`,
    type: undefined,
  },
  {
    what: 'a loop that begins after the end',
    body: `setTimeout(() => { for (;;); }, 1)`,
    type: undefined,
  },
  {
    what: 'daemons that leave their group and session',
    body: `const { execFileSync } = await import('node:child_process')
      for (let n = 0; n < 3; n++)
        execFileSync('sh', ['-c', '(setsid setsid sleep ${DAEMON_SECONDS} >/dev/null 2>&1 &) &'], { stdio: 'ignore' })
      await page.waitForTimeout(300)`,
    type: undefined,
    isShort: true,
  },
  {
    what: 'a child that goes on after the end',
    body: `const { spawn } = await import('node:child_process')
      spawn('sleep', ['${DAEMON_SECONDS}'], { stdio: 'ignore' })`,
    type: undefined,
  },
  {
    what: 'a million lines on the console',
    body: `await page.goto(target + '/console')
      await step('read', () => page.getByText('fine').click())`,
    options: spare,
    type: 'journey.page_crashed',
    message:
      /^the page (wrote more than 20000 lines on its console|made the browser take too much memory)/,
    isShort: true,
  },
  {
    what: 'a page that fetches gigabytes',
    body: `await page.goto(target + '/gigabytes')
      await step('read', () => page.getByText('fine').click())`,
    options: spare,
    type: 'journey.page_crashed',
  },
  {
    what: 'gigabytes that nobody asked for',
    body: `await page.goto(target + '/offers')
      await page.getByText('file').click()
      await page.waitForTimeout(300)`,
    type: undefined,
  },
  {
    what: 'gigabytes that the journey waits for',
    body: `await page.goto(target + '/offers')
      const coming = page.waitForEvent('download')
      await page.getByText('file').click()
      await step('fetch', async () => (await coming).path())`,
    options: spare,
    type: 'probe.out_of_resources',
    message: /^the run wrote too much into temporary files in step "fetch"/,
  },
  {
    what: 'page.close() that hangs',
    body: `await page.goto(target + '/unload')
      await page.getByText('stay').click()
      await step('close', async () => {
        await page.close({ runBeforeUnload: true })
        await page.waitForEvent('close')
      })`,
    type: 'timeout',
    message: /^step "close" did not finish/,
  },
]

/** Serves the pages of hostile journeys. */
export async function startHostileSite() {
  let onWaits = () => undefined as unknown
  const server = createServer((request, response) => {
    const path = request.url ?? '/'
    if (path === '/waits') return void onWaits() // No answer ever comes.
    if (path === '/endless') {
      const chunk = Buffer.alloc(1024 ** 2, 'x')
      response.writeHead(200, {
        'content-disposition': 'attachment',
        'access-control-allow-origin': '*',
      })
      const send = () => {
        let hasRoom = true
        while (hasRoom && !response.destroyed) hasRoom = response.write(chunk)
      }
      response.on('drain', send)
      return send()
    }
    response.setHeader('content-type', 'text/html')
    if (path !== '/drip') return void response.end(PAGES[path] ?? '')
    const drip = setInterval(() => response.write('<p>more</p>'), 20)
    response.on('close', () => clearInterval(drip))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Called each time that a journey waits. */
    onWaits(hear: () => void) {
      onWaits = hear
    },
    async stop() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

/** The process that an attack is meant for. */
export function victim(processes: ProcessEntry[], to: 'host' | 'browser', supervisor: number) {
  const isHost = (entry: ProcessEntry) =>
    entry.parent === supervisor && entry.command.includes('host-process')
  const host = processes.find(isHost)
  if (to === 'host') return host?.pid
  // Debian's `chromium` is a script that starts the browser; the browser is who has children.
  const browser = processes.filter(
    ({ command }) => command.includes('--user-data-dir=') && !command.includes('--type='),
  )
  const ofHost = browser.filter(({ command }) => command.includes(`firewatch-host-${supervisor}-`))
  return ofHost.at(-1)?.pid
}

export const deadlineOf = ({ options }: HostileJourney) => options?.timeoutMs ?? DEADLINE_MS
