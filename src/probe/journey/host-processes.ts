import { readdirSync, readFileSync } from 'node:fs'
import { hostTemp } from './host-folder.ts'

/**
 * All processes of one host, from /proc: the host, its browser, and whatever the journey started. A
 * process belongs to the host when its parent or the leader of its group does, or when it has the
 * host's TMPDIR, which no other has: so a daemon that left its parent, its group and its session is still found. (Only
 * one that does all of this with an empty environment, between two looks, is not.)
 *
 * A look costs one listing and two small files for each process that is new since the last one.
 * Empty where there is no /proc.
 */
export class HostProcesses {
  /** Processes that were there at the last look; of ours, with the time of their start. */
  readonly #known = new Map<number, string | undefined>()
  readonly #marker: string
  readonly #leader: number
  #settled: ReadonlySet<number> = new Set()

  /** @param folder the host's folder, which no other host has. */
  constructor(leader: number, folder: string) {
    this.#marker = `TMPDIR=${hostTemp(folder)}\0`
    this.#leader = leader
    const start = readStat(leader)?.startedAt
    if (start !== undefined) this.#known.set(leader, start)
  }

  /** Says that what runs now is none of the host's, which has just been started: saves the first look its work. */
  passOverPresent(): void {
    for (const pid of listPids()) if (!this.#known.has(pid)) this.#known.set(pid, undefined)
  }

  /** Whether this system shows us its processes. */
  isSeen(): boolean {
    return readStat(process.pid) !== undefined
  }

  /** The processes of the host that run now. Zombies are among them until somebody reaps them. */
  look(): number[] {
    const pids = new Set(listPids())
    for (const pid of this.#known.keys()) if (!pids.has(pid)) this.#known.delete(pid)
    const fresh: { pid: number; stat: ProcessStat }[] = []
    for (const pid of pids) {
      if (this.#known.has(pid)) continue
      const stat = readStat(pid)
      if (stat) fresh.push({ pid, stat })
    }
    this.#sort(fresh)
    return [...this.#known].filter(([, start]) => start !== undefined).map(([pid]) => pid)
  }

  /** Remembers that what runs now belongs to the host as it should be: itself and its browser. */
  settle(): void {
    this.#settled = new Set(this.look())
  }

  /** What runs of the host besides itself and its browser: what journeys started and left, by name. */
  strays(): string[] {
    const groups = new Set([...this.#settled].map((pid) => readStat(pid)?.group))
    groups.delete(this.#leader)
    return this.look().flatMap((pid) => {
      const stat = readStat(pid)
      if (!stat || stat.state === 'Z') return []
      return this.#settled.has(pid) || groups.has(stat.group) ? [] : [stat.name]
    })
  }

  /** Which of the processes that must always go on was stopped by a signal; undefined when none was. */
  stopped(): 'host' | 'browser' | undefined {
    const isStopped = (pid: number) => readStat(pid)?.state === 'T'
    if (isStopped(this.#leader)) return 'host'
    return [...this.#settled].some(isStopped) ? 'browser' : undefined
  }

  /**
   * Kills what runs of the host. A pid that somebody else got meanwhile is spared.
   *
   * @returns how many there were, zombies not counted.
   */
  kill({ except }: { except?: number } = {}): number {
    let count = 0
    for (const pid of this.look()) {
      if (pid === except) continue
      const stat = readStat(pid)
      if (!stat || stat.startedAt !== this.#known.get(pid) || stat.state === 'Z') continue
      count++
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It ended by itself.
      }
    }
    return count
  }

  #sort(fresh: { pid: number; stat: ProcessStat }[]): void {
    const isOurs = (pid: number) => this.#known.get(pid) !== undefined
    const ours = ({ pid, stat }: { pid: number; stat: ProcessStat }) =>
      isOurs(stat.parent) || isOurs(stat.group) || this.#hasMarker(pid)
    // A parent may have a higher number than its child, when numbers start again from the beginning.
    let left = fresh
    for (let before = -1; before !== left.length; ) {
      before = left.length
      left = left.filter((entry) => {
        if (!ours(entry)) return true
        this.#known.set(entry.pid, entry.stat.startedAt)
        return false
      })
    }
    for (const { pid } of left) this.#known.set(pid, undefined)
  }

  #hasMarker(pid: number): boolean {
    return (readProc(pid, 'environ') ?? '').includes(this.#marker)
  }
}

export type ProcessStat = {
  name: string
  state: string
  parent: number
  group: number
  startedAt: string
}

/** Undefined when the process is gone. */
export function readStat(pid: number): ProcessStat | undefined {
  const text = readProc(pid, 'stat')
  if (text === undefined) return undefined
  // The command's name is in parentheses and may itself contain any character.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [state = '', parent, group] = fields
  const name = text.slice(text.indexOf('(') + 1, text.lastIndexOf(')'))
  return { name, state, parent: Number(parent), group: Number(group), startedAt: fields[19] ?? '' }
}

/** A file of a process; undefined when it is gone, or none of our business. */
export function readProc(pid: number, name: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1')
  } catch {
    return undefined
  }
}

function listPids(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger)
  } catch {
    return [] // Not Linux.
  }
}
