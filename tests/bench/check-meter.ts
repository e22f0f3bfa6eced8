import { once } from 'node:events'
import { join } from 'node:path'
import { ADOPTING } from './adopt-orphans.ts'
import { nextMessage, startProgram } from './child-processes.ts'
import { treeCpuMs } from './process-tree.ts'

/**
 * Measures a load that says by itself what it used; both in milliseconds of processor time.
 *
 * @param eachMs what each of three processes uses.
 */
export async function checkMeter(eachMs: number): Promise<{ usedMs: number; measuredMs: number }> {
  const program = join(import.meta.dirname, 'known-load.ts')
  const child = startProgram(program, [String(eachMs)], { execArgv: ADOPTING })
  const gone = once(child, 'exit')
  try {
    const usedMs = await nextMessage(child, (message) => (message as { usedMs?: number }).usedMs)
    return { usedMs, measuredMs: treeCpuMs(child.pid ?? 0) }
  } finally {
    if (child.connected) child.disconnect()
    await gone
  }
}
