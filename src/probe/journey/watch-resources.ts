import { messageOf } from '../../base/app-error.ts'
import type { Clock } from '../../base/clock.ts'
import type { HostLimits } from './host-limits.ts'
import type { HostProcesses } from './host-processes.ts'
import { measureFolders } from './measure-folder.ts'
import {
  journeyBound,
  type MemoryOwner,
  measureMemory,
  memoryBound,
  mostOf,
} from './measure-memory.ts'
import type { MemoryGroup } from './memory-groups.ts'
import { isAlive } from './process-group.ts'

/** A limit that a host passed. */
export type Excess =
  /** Without `bytes` where the kernel did not give it more, and ended a process instead. */
  | { kind: 'memory'; owner: MemoryOwner; bytes?: number; limitBytes: number }
  | { kind: 'disk'; bytes: number; limitBytes: number }
  | { kind: 'files'; limit: number }

/** Looks at what a host uses, all the time. */
export type ResourceWatch = {
  /** Often while a run is under way, else seldom. */
  setBusy(isBusy: boolean): void
  /** What the host and its processes hold now, in bytes; undefined where it cannot be measured. */
  memoryBytes(): Promise<number | undefined>
  /** Told when something of it broke: whether that was the kernel, because of the limit of memory. */
  killed(): Excess | undefined
  stop(): void
}

/** Looking around takes two milliseconds of the processor. */
const BUSY_LOOK_MS_MIN = 200
/** A daemon that leaves its parent, its group, its session and its environment is seen before it has. */
const BUSY_LOOK_MS_MAX = 600
/** Of a page that takes memory as fast as it can. */
const GROWTH_BYTES_PER_MS = 1.5 * 1024 ** 2
const FILES_LOOK_MS = 600
/** Also how long a pid that was seen must not be given to somebody else; the system takes far longer. */
const IDLE_LOOK_MS = 5_000

/** The bound counts shared memory several times, and may leave less than nothing. */
const LEFT_SHARE_MIN = 0.25

export type WatchParts = {
  processes: HostProcesses
  leader: number
  /** What the kernel keeps it to, where there is such a group. */
  group: MemoryGroup | undefined
  limits: HostLimits
  /** Where the host and its run write. */
  folders(): string[]
  clock: Clock
  /** Called once, when a limit is passed; the watch has then stopped. */
  onExcess(excess: Excess): void
  onTrouble(message: string): void
}

/**
 * When to look again at a host that is at work: before what is left to take can have been taken, as far as
 * the shortest time allows. In milliseconds, for bytes.
 */
export function lookAgainMs(heldBytes: number, limitBytes: number): number {
  const fullAfterMs = (limitBytes - heldBytes) / GROWTH_BYTES_PER_MS
  return Math.min(BUSY_LOOK_MS_MAX, Math.max(BUSY_LOOK_MS_MIN, fullAfterMs))
}

export function watchResources(parts: WatchParts): ResourceWatch {
  const { processes, leader, group, limits, clock } = parts
  let isBusy = true // Starting is work, too.
  let hasStopped = false
  let timer: NodeJS.Timeout | undefined
  let filesLookAt = clock.monotonic() + FILES_LOOK_MS
  let heldBytes = limits.memoryBytesMax
  /** What was held when the run began: by the journey's own code, and by all. */
  let atBegin = { own: 0, all: 0 }

  /**
   * The kernel ends what Chromium marked as the first to go, a page, also when it is the journey's own
   * code that takes the memory; which it then still holds, most of what there was left to take.
   */
  function killed(): Excess | undefined {
    if (!group?.hasKilled()) return undefined
    const limitBytes = limits.memoryBytesMax
    const left = Math.max(limitBytes - atBegin.all, limitBytes * LEFT_SHARE_MIN)
    const grown = journeyBound(processes.look(), leader) - atBegin.own
    const isOwn = !isAlive(leader) || grown > left / 2
    return { kind: 'memory', owner: isOwn ? 'journey' : 'page', limitBytes }
  }

  async function memoryExcess(): Promise<Excess | undefined> {
    const byKernel = killed()
    if (byKernel) return byKernel
    const pids = processes.look()
    const limitBytes = limits.memoryBytesMax
    heldBytes = memoryBound(pids)
    if (heldBytes <= limitBytes) return undefined
    const use = await measureMemory(pids, leader)
    heldBytes = use.bytes
    if (use.bytes <= limitBytes) return undefined
    return { kind: 'memory', owner: mostOf(use), bytes: use.bytes, limitBytes }
  }

  async function diskExcess(): Promise<Excess | undefined> {
    if (clock.monotonic() < filesLookAt) return undefined
    const { tempFilesMax, tempBytesMax } = limits
    const { bytes, files } = await measureFolders(parts.folders(), tempFilesMax)
    filesLookAt = clock.monotonic() + FILES_LOOK_MS
    if (files > tempFilesMax) return { kind: 'files', limit: tempFilesMax }
    return bytes > tempBytesMax ? { kind: 'disk', bytes, limitBytes: tempBytesMax } : undefined
  }

  async function look(): Promise<void> {
    const excess = (await memoryExcess()) ?? (await diskExcess())
    if (hasStopped) return
    if (!excess) return plan()
    hasStopped = true
    parts.onExcess(excess)
  }

  function plan(): void {
    clearTimeout(timer)
    if (hasStopped) return
    timer = setTimeout(
      () =>
        look().catch((error: unknown) => {
          // Without a watch the journey's deadline still ends it; the next look may work.
          parts.onTrouble(messageOf(error))
          plan()
        }),
      isBusy ? lookAgainMs(heldBytes, limits.memoryBytesMax) : IDLE_LOOK_MS,
    )
  }

  plan()
  return {
    setBusy(busy) {
      if (busy === isBusy) return
      isBusy = busy
      if (busy && group) {
        const pids = processes.look()
        atBegin = { own: journeyBound(pids, leader), all: memoryBound(pids) }
      }
      plan()
    },
    async memoryBytes() {
      const pids = processes.look()
      if (pids.length === 0) return undefined
      const bound = memoryBound(pids)
      // Nobody needs to know it more exactly.
      if (bound <= limits.restMemoryBytesMax) return bound
      return (await measureMemory(pids, leader)).bytes
    },
    killed,
    stop() {
      hasStopped = true
      clearTimeout(timer)
    },
  }
}
