import { defineLoop, type Loop } from '../../runtime/loop.ts'
import type { CoordinatorParts } from '../coordinator-parts.ts'
import { sendDigests as sendDue } from '../digest-desk.ts'

/** Tells each team once a week what nobody was called for and is still open. */
export function sendDigests(): Loop<CoordinatorParts> {
  const looked = new Set<string>()
  return defineLoop<CoordinatorParts>({
    name: 'send-digests',
    // It is of a week; nobody waits for it by the minute.
    everyMs: 60_000,
    deadlineMs: 20_000,
    run: (parts) => sendDue(parts, looked),
  })
}
