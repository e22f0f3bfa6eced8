import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { messageOf } from '../../base/app-error.ts'
import { findOwnGroup, killedByLimit } from './control-group.ts'
import { isAlive } from './process-group.ts'

/** One control group: the processes in it together get no more memory than its limit. */
export type MemoryGroup = {
  /** Also what the process starts from now on is in the group, wherever it goes. */
  add(pid: number): void
  pids(): number[]
  /** Whether the kernel has ended a process of it because of the limit. */
  hasKilled(): boolean
  /** Gives up quietly when a process stays in it: the next probe's start removes what is empty. */
  remove(): Promise<void>
}

export type MemoryGroups = {
  /** @returns undefined when the kernel does not give one now; then memory is only measured. */
  create(bytesMax: number): MemoryGroup | undefined
}

/** Named with the supervisor's pid, as the hosts' folders are, so that what a killed probe left can be told. */
const NAME = /^firewatch-host-(\d+)-\d+$/
const SUPERVISOR = 'firewatch-probe'
/** Killed processes leave their group within milliseconds. */
const REMOVE_TRIES_MAX = 20
const REMOVE_AGAIN_MS = 20

let made = 0

/**
 * Control groups of the kernel for memory, where this process may make some: below its own one, by
 * version 2 (https://docs.kernel.org/admin-guide/cgroup-v2.html) or version 1. They hold what the watch
 * cannot: memory that is taken faster than it looks.
 *
 * @returns why there are none, in words, where they cannot be had, as in most containers.
 */
export function openMemoryGroups(): MemoryGroups | { missing: string } {
  try {
    const own = findOwnGroup(readFileSync('/proc/self/cgroup', 'utf8'), existsSync)
    if ('missing' in own) return own
    accessSync(own.folder, constants.W_OK)
    const files = own.version === 2 ? prepareVersion2(own.folder) : VERSION_1
    if ('missing' in files) return files
    sweep(own.folder)
    return { create: (bytesMax) => createGroup(own.folder, files, bytesMax) }
  } catch (error) {
    return { missing: messageOf(error) }
  }
}

type GroupFiles = {
  /** What the limit is written to: the first must be there, the others (swap) need not. */
  limits: readonly { name: string; value: (bytesMax: number) => number }[]
  /** Where killed processes are counted. */
  events: string
}

const VERSION_1: GroupFiles = {
  limits: [
    { name: 'memory.limit_in_bytes', value: (bytesMax) => bytesMax },
    { name: 'memory.memsw.limit_in_bytes', value: (bytesMax) => bytesMax },
  ],
  events: 'memory.oom_control',
}

const VERSION_2: GroupFiles = {
  limits: [
    { name: 'memory.max', value: (bytesMax) => bytesMax },
    { name: 'memory.swap.max', value: () => 0 },
  ],
  events: 'memory.events',
}

/**
 * In version 2 a group either has processes or hands its memory out. So this process moves into a group
 * of its own, which it may only do when nobody else is where it is now.
 */
function prepareVersion2(folder: string): GroupFiles | { missing: string } {
  const others = readPids(folder).filter((pid) => pid !== process.pid)
  if (others.length > 0) return { missing: 'other processes share the control group of the probe' }
  mkdirSync(join(folder, SUPERVISOR), { recursive: true })
  writeFileSync(join(folder, SUPERVISOR, 'cgroup.procs'), String(process.pid))
  writeFileSync(join(folder, 'cgroup.subtree_control'), '+memory')
  return VERSION_2
}

function createGroup(
  parent: string,
  { limits, events }: GroupFiles,
  bytesMax: number,
): MemoryGroup | undefined {
  const folder = join(parent, `firewatch-host-${process.pid}-${made++}`)
  try {
    mkdirSync(folder)
    for (const [index, { name, value }] of limits.entries())
      if (index === 0 || existsSync(join(folder, name)))
        writeFileSync(join(folder, name), String(value(bytesMax)))
  } catch {
    removeEmpty(folder)
    return undefined
  }
  return {
    add(pid) {
      try {
        writeFileSync(join(folder, 'cgroup.procs'), String(pid))
      } catch {
        // It has ended already, or the kernel refuses: then it is measured, as elsewhere.
      }
    },
    pids: () => readPids(folder),
    hasKilled: () => killedByLimit(readText(join(folder, events))) > 0,
    async remove() {
      for (let i = 0; i < REMOVE_TRIES_MAX && !removeEmpty(folder); i++) await wait(REMOVE_AGAIN_MS)
    },
  }
}

/** Removes what supervisors that no longer run have left behind. */
function sweep(parent: string): void {
  for (const name of readdirSync(parent)) {
    const owner = NAME.exec(name)?.[1]
    if (owner !== undefined && !isAlive(Number(owner))) removeEmpty(join(parent, name))
  }
}

/** Whether it is gone; the kernel keeps a group that has processes. */
function removeEmpty(folder: string): boolean {
  try {
    rmdirSync(folder)
    return true
  } catch {
    return !existsSync(folder)
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

const readPids = (folder: string): number[] =>
  readText(join(folder, 'cgroup.procs')).split('\n').filter(Boolean).map(Number)
