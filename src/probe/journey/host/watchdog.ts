import { rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'
import { HostProcesses } from '../host-processes.ts'
import { groupGone, isDescendantOf, killGroup } from '../process-group.ts'

/**
 * A thread of the host that ends the host when the probe is gone, however the probe went: a journey
 * that keeps the main thread busy cannot keep this one from seeing it.
 *
 * The probe holds the other end of a pipe; the pipe's end is the probe's end.
 */
export type WatchdogData = { pipe: number; folder: string }

/** Where nobody reaps zombies, a group is never gone. */
const GROUPS_GONE_MS = 300

const { pipe, folder }: WatchdogData = workerData
const groups: number[] = []

parentPort?.on('message', (pid: number) => groups.push(pid))

const line = new Socket({ fd: pipe })
line.on('error', () => line.destroy()) // Then 'close' follows, which is what counts.
line.on('close', () => void endHost())
line.resume()

async function endHost(): Promise<void> {
  try {
    for (const group of groups) killGroup(group)
    // Workers of a test file are in the host's own group, which must live until the folder is gone.
    for (const pid of groups) if (isDescendantOf(pid, process.pid)) process.kill(pid, 'SIGKILL')
    // What the journey left to itself; this process comes last.
    new HostProcesses(process.pid, folder).kill({ except: process.pid })
    // What still ends writes into the folder while we remove it.
    await Promise.all(groups.map((group) => groupGone(group, GROUPS_GONE_MS)))
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
  } finally {
    // A file that stays is swept by the next probe on this machine; a process would stay for good.
    process.kill(-process.pid, 'SIGKILL')
  }
}
