import { RunNow } from '../../protocol/probe-api.ts'
import type { CoordinatorClient } from './coordinator-client.ts'
import { type DrainParts, startDrainLoop } from './drain-loop.ts'

/** A coordinator that answers at once with nothing must not be asked without a pause. */
const ASK_EVERY_MS = 50

export type CommandParts = DrainParts & {
  client: CoordinatorClient
  regionId: string
  onCommand(command: RunNow): void
}

/**
 * Holds a request open to the coordinator for as long as the probe runs, and gives on what it commands.
 *
 * States: listening (one request after the other, each held until there is a command or its time is
 * over) → backing off, when the coordinator is away or too old to know of this → listening. Nothing is
 * kept or repeated: a command that is lost is a region that does not answer.
 */
export function listenForCommands({ client, regionId, onCommand, ...parts }: CommandParts): void {
  const options = { name: 'listen for commands', paceMs: ASK_EVERY_MS }
  async function listen(signal: AbortSignal): Promise<boolean> {
    const { now, commands } = await client.commands(regionId, signal)
    for (const raw of commands) {
      const parsed = RunNow.safeParse(raw)
      // Both times are of the coordinator's clock, so that ours may be wrong.
      if (parsed.success && parsed.data.notAfter >= now) onCommand(parsed.data)
      else if (parsed.success)
        parts.logger.warn({ check: parsed.data.checkId }, 'a command came too late')
      else parts.logger.warn('a command that this probe does not know is let be')
    }
    return true
  }
  startDrainLoop(options, listen, parts)
}
