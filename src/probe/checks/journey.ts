import type { CheckRunner } from './check-runner.ts'

/** Walks through the target as a user does, in a real browser; see `journey/journey-hosts.ts`. */
export const runJourneyCheck: CheckRunner<'journey'> = (check, context) =>
  context.journeyHosts.run(check, context)
