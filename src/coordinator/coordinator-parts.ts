import type { Clock } from '../base/clock.ts'
import type { Fleet } from '../protocol/config.ts'
import type { HttpClient } from '../runtime/http-client.ts'
import type { Logger } from '../runtime/logger.ts'
import type { AccessSettings } from './access/access-settings.ts'
import type { Passwords } from './access/password.ts'
import type { ArtifactFolder } from './artifact-folder.ts'
import type { Baselines } from './baselines.ts'
import type { CoordinatorMetrics } from './coordinator-metrics.ts'
import type { JobTokens } from './job-token.ts'
import type { Links } from './links.ts'
import type { Listening } from './listening.ts'
import type { LiveFeed } from './live-feed.ts'
import type { ProbeCommands } from './probe-commands.ts'
import type { RecentMinute } from './recent-minute.ts'
import type { Store } from './store/store.ts'
import type { UsualRuns } from './usual-runs.ts'

/** What routes and loops work with; made once in `coordinator.ts`. */
export type CoordinatorParts = {
  store: Store
  fleet: Fleet
  clock: Clock
  random: () => number
  logger: Logger
  feed: LiveFeed
  artifacts: ArtifactFolder
  baselines: Baselines
  usualRuns: UsualRuns
  commands: ProbeCommands
  /** Confirmations that were asked for. */
  confirmations: RecentMinute
  /** Regions in trouble themselves, as the loop that watches regions last found; it alone changes them. */
  troubledRegions: Set<string>
  metrics: CoordinatorMetrics
  http: HttpClient
  /** Addresses of ours that people are sent. */
  links: Links
  /** A secret by the name of its environment variable. */
  secret(name: string): string | undefined
  jobTokens: JobTokens
  access: AccessSettings
  passwords: Passwords
  listening: Listening
  limits: CoordinatorLimits
  /** Starts the pass of a loop at once; `deliver` that of the steps of pages as well. */
  wake: { evaluateAlerts(): void; readInbox(): void; deliver(): void; runSweeps(): void }
}

export type CoordinatorLimits = {
  artifactBytesMax: number
  artifactsKeptMs: number
  historyKeptMs: number
  /** Deliveries of signals that may wait; with more a sender is told to come again, as it will. */
  inboxDeliveriesMax: number
}
