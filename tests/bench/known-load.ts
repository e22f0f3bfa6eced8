import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { adoptOrphans } from './adopt-orphans.ts'

/**
 * A load that is known: processes that each use the processor until their own count says that it was
 * enough, and tell it. One is alive when it is measured, one has ended, and one has lost its parent.
 */
const MS = Number(process.argv[2])
const CODE = `
const used = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1_000 };
const use = () => { while (used() < ${MS}); };
const tell = () => require('node:fs').writeSync(1, used() + '\\n');`
const ALIVE = 'setInterval(() => {}, 1_000);'
const ORPHAN = JSON.stringify(`${CODE} use(); tell(); ${ALIVE}`)
const PROGRAMS = [
  { code: `${CODE} use(); tell();`, processes: 1 },
  { code: `${CODE} use(); tell(); ${ALIVE}`, processes: 1 },
  {
    // Both write into the same pipe; the parent ends at once.
    code: `${CODE} require('node:child_process').spawn(process.execPath, ['-e', ${ORPHAN}], { stdio: ['ignore', 1, 2] }).unref(); process.on('exit', tell);`,
    processes: 2,
  },
]

adoptOrphans()
const children: ChildProcess[] = []
/** Milliseconds that all processes of a program say they used. */
async function usedBy({ code, processes }: (typeof PROGRAMS)[number]): Promise<number> {
  const child = spawn(process.execPath, ['-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  children.push(child)
  let usedMs = 0
  let told = 0
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    usedMs += Number(line)
    if (++told === processes) break
  }
  return usedMs
}
const used = await Promise.all(PROGRAMS.map(usedBy))
const { user, system } = process.cpuUsage()
process.send?.({ usedMs: used.reduce((sum, ms) => sum + ms, (user + system) / 1_000) })
process.on('disconnect', () => {
  // Whole groups: the orphan is in that of the parent which it lost.
  for (const { pid } of children) if (pid !== undefined) endGroup(pid)
  process.exit(0)
})

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}
