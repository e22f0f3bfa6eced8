import type { ChildProcess } from 'node:child_process'
import { Worker } from 'node:worker_threads'
import { systemClock } from '../../../runtime/system-clock.ts'
import { describeError } from '../host/describe-error.ts'
import { startPolicyProxy } from '../host/policy-proxy.ts'
import { takeChannel } from '../host/take-channel.ts'
import { watchSpawns } from '../host/watch-spawns.ts'
import type { WatchdogData } from '../host/watchdog.ts'
import { clip, type HostOrder, type StartOrder } from '../messages.ts'
import { type InstrumentOrder, instrumentPlaywright } from './instrument.ts'
import { loadPlaywrightRunner } from './playwright-runner.ts'
import { createTestFileRun, outputFolder, type TestFileRunOrder } from './run-test-file.ts'
import { sharePlaywright } from './share-playwright.ts'
import { hearWorker, prepareWorker, type WorkerMessage, WRAP_UP } from './worker-channel.ts'

/**
 * The process that runs one file of Playwright Test, with Playwright's own runner and its workers. To the
 * supervisor it is a journey host that takes a single run; see `journey-host.ts`.
 */

/** The file descriptor of the pipe whose end is the probe's end; see `watchdog.ts`. */
const PROBE_PIPE = 4

const send = takeChannel()
sharePlaywright()

function start(order: StartOrder): (run: TestFileRunOrder) => Promise<void> {
  const workerData: WatchdogData = { pipe: PROBE_PIPE, folder: order.folder }
  const watchdog = new Worker(new URL('../host/watchdog.ts', import.meta.url), {
    workerData,
    env: {},
  })
  const tellOfProcess = (pid: number) => {
    watchdog.postMessage(pid)
    send({ kind: 'spawned', pid })
  }
  const runner = loadPlaywrightRunner()
  send({ kind: 'ready', browserVersion: clip(`playwright ${runner.version}`, 80) })

  return async (run) => {
    const workers = new Set<ChildProcess>()
    const proxy = run.publicNetwork && (await startPolicyProxy(run.publicNetwork, systemClock))
    const instrumentOrder = { ...instrumentOrderOf(order, run), proxyServer: proxy?.server }
    const testFileRun = createTestFileRun(run, {
      runner,
      clock: systemClock,
      send,
      outputDir: outputFolder(order.folder),
      explain: (text) => proxy?.explain(text) ?? text,
      wrapUpWorkers() {
        for (const worker of workers) worker.send({ method: WRAP_UP }, () => undefined)
      },
    })
    const hear = (message: WorkerMessage) => {
      if (message.kind === 'spawned') tellOfProcess(message.pid)
      else testFileRun.hear(message)
    }
    watchSpawns({
      before: (spawning) => prepareWorker(spawning, testFileRun.orderOfWorker(instrumentOrder)),
      started(child) {
        tellOfProcess(child.pid)
        if (!child.spawnargs.some((argument) => argument.endsWith('workerProcessEntry.js'))) return
        workers.add(child)
        child.once('exit', () => workers.delete(child))
        hearWorker(child, hear)
      },
    })
    // A global set-up may start a browser in this process.
    instrumentPlaywright(instrumentOrder, hear, () => false)
    await testFileRun.run()
    await proxy?.close()
    send({ kind: 'idle', runId: run.runId })
  }
}

const instrumentOrderOf = (start: StartOrder, run: TestFileRunOrder): InstrumentOrder => ({
  executablePath: start.executablePath,
  args: start.args,
  headless: start.headless,
  slowMoMs: start.slowMoMs,
  runId: run.runId,
  never: run.never,
  traceTo: run.traceTo,
  traceparent: run.traceparent,
  screenshots: run.screenshots,
  paintOver: run.paintOver,
  picturePrefix: run.picturePrefix,
  network: run.browser.network,
  stepPictures: 0,
  recording: run.recording && {
    recording: run.recording,
    paintOver: run.paintOver,
    secrets: run.secrets,
  },
})

process.on('uncaughtException', (error) => {
  // Without a supervisor the watchdog ends this process, and must have the time to remove its files.
  if (!process.connected) return
  process.stderr.write(`${describeError(error)}\n`)
  process.exit(1)
})

let run: ((order: TestFileRunOrder) => Promise<void>) | undefined

process.on('message', (order: HostOrder) => {
  if (order.kind === 'start') {
    try {
      run = start(order)
    } catch (error) {
      send({ kind: 'start_failed', message: describeError(error) })
    }
  } else if (order.testFile)
    run?.({ ...order, testFile: order.testFile }).catch((error) => {
      // A fault of ours: the supervisor sees a process that ends, and says so.
      process.stderr.write(`${describeError(error)}\n`)
      process.kill(process.pid, 'SIGKILL')
    })
})
