import { ChildProcess } from 'node:child_process'

/** What Node is about to start; whoever watches may change it. */
export type Spawning = { args: string[]; envPairs: string[] }

type Spawner = { spawn(this: ChildProcess, options: Spawning): unknown }

export type SpawnWatch = {
  before?(spawning: Spawning): void
  /** In the moment it started: the code that starts one may never give back control. */
  started(child: ChildProcess & { pid: number }): void
}

/**
 * Watches every process that starts here, the browser among them. (Node's diagnostics channel speaks
 * before the pid is known.)
 */
export function watchSpawns({ before, started }: SpawnWatch): void {
  const prototype = ChildProcess.prototype as unknown as Spawner
  const { spawn } = prototype
  prototype.spawn = function spawnAndTell(options) {
    before?.(options)
    const result = spawn.call(this, options)
    if (this.pid !== undefined) started(this as ChildProcess & { pid: number })
    return result
  }
}
