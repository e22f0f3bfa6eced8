import { readFile } from 'node:fs/promises'
import { readProc } from './host-processes.ts'

/** Whose code made a process take its memory. */
export type MemoryOwner = 'page' | 'journey' | 'browser'

export type MemoryUse = {
  bytes: number
  /** By owner. */
  shares: Record<MemoryOwner, number>
}

const KIB = 1024

/**
 * An upper bound of what the processes hold, in bytes: what several share is counted for each. Cheap
 * (20 µs a process), and enough as long as it stays below the limit.
 */
export function memoryBound(pids: readonly number[]): number {
  let bytes = 0
  for (const pid of pids)
    bytes += Number(/^VmRSS:\s+(\d+)/m.exec(readProc(pid, 'status') ?? '')?.[1] ?? 0) * KIB
  return bytes
}

/** The same of what the journey's own code holds: the host, and whatever it started besides a browser. */
export const journeyBound = (pids: readonly number[], leader: number): number =>
  memoryBound(pids.filter((pid) => ownerOf(pid, leader) === 'journey'))

/**
 * What the processes really hold: each page of memory that several share counts once (Pss). Half a
 * millisecond a process of the kernel's time, so it is read outside our event loop, and only when
 * the bound says that there may be something to see.
 */
export async function measureMemory(pids: readonly number[], leader: number): Promise<MemoryUse> {
  const shares = { page: 0, journey: 0, browser: 0 }
  const found = await Promise.all(
    pids.map(async (pid) => ({
      owner: ownerOf(pid, leader),
      bytes: (await proportionalBytes(pid)) ?? memoryBound([pid]),
    })),
  )
  for (const { owner, bytes } of found) shares[owner] += bytes
  return { bytes: shares.page + shares.journey + shares.browser, shares }
}

/** Undefined when it is gone, or the system is old or does not let us. */
async function proportionalBytes(pid: number): Promise<number | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/smaps_rollup`, 'latin1')
    const pss = /^Pss:\s+(\d+)/m.exec(text)?.[1]
    return pss === undefined ? undefined : Number(pss) * KIB
  } catch {
    return undefined
  }
}

/** By the command line, which Chromium's processes set themselves. (Others' were not seen by us.) */
function ownerOf(pid: number, leader: number): MemoryOwner {
  if (pid === leader) return 'journey'
  const command = readProc(pid, 'cmdline') ?? ''
  if (/--type=renderer|-contentproc|WebProcess/.test(command)) return 'page'
  // The browser is the only program with a profile, its helpers have a type; ffmpeg makes our videos.
  return /--type=|--user-data-dir=|-profile |pw_run|MiniBrowser|^[^\0]*ffmpeg/.test(command)
    ? 'browser'
    : 'journey'
}

/** Whose share is the largest. */
export function mostOf({ shares }: MemoryUse): MemoryOwner {
  const owners = Object.keys(shares) as MemoryOwner[]
  return owners.reduce((most, owner) => (shares[owner] > shares[most] ? owner : most))
}
