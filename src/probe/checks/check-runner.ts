import type { Clock } from '../../base/clock.ts'
import type { CheckOf, ProbedKind } from '../../protocol/check.ts'
import type { RecordedExchange } from '../../protocol/exchange.ts'
import type { Assertion } from '../../protocol/expectation.ts'
import type { SubjectValue } from '../../protocol/judge-expectations.ts'
import type {
  Artifact,
  BrowserRecord,
  ExchangeSummary,
  Facts,
  PhaseName,
  RunError,
  RunErrorType,
  Step,
} from '../../protocol/run.ts'
import type { ConnectTo } from '../connect-to.ts'
import type { JourneyHosts } from '../journey/journey-hosts.ts'
import type { AddressPolicy } from '../network/address-policy.ts'
import type { DomainRegistry } from '../network/domain-registration.ts'
import type { TokenCache } from '../network/token-cache.ts'

/**
 * What a check found, written down while it runs, so that a run that fails half-way still shows
 * what came before.
 */
export type Findings = {
  /** Adds time spent in a phase, in milliseconds; the same phase twice (a redirect) adds up. */
  phase(name: PhaseName, ms: number): void
  /**
   * What expectations are compared with: `status`, `body`, `daysLeft`. A list means "any of". Phases
   * are subjects by themselves. `explain` says what a broken expectation of it means, where the check
   * knows better than "expected this, got that".
   */
  subject(name: string, value: SubjectValue | undefined, explain?: Explain): void
  /** A part of a subject that has parts: `subjectPart('header', 'content-type', 'text/html')`. */
  subjectPart(name: string, key: string, value: string | undefined): void
  /**
   * A subject whose parts are looked up when expectations ask for them, such as paths into JSON; the
   * key is empty for one without parts. `find` runs in a bounded time. It may throw what was there
   * instead, in words that read well after "got": then whatever was expected of it does not hold.
   */
  lookup(name: string, find: (key: string) => SubjectValue | undefined): void
  /**
   * A subject that cannot be told, through no fault of the target: expectations of it count neither
   * way, and say why. The reason reads well after "not counted:".
   */
  unknown(name: string, reason: string): void
  /** Kept with the run for people: the address used, the certificate's issuer. */
  fact(name: string, value: Facts[string]): void
  step(step: Step): void
  /** One request and its answer, for the run's waterfall. */
  exchange(summary: ExchangeSummary): void
  /** The same in full; made and kept as a file when the run does not pass. Most do. */
  evidence(exchange: () => RecordedExchange): void
  /** What the run took where the check measures that itself: without browser start and evidence. */
  duration(ms: number): void
  artifact(artifact: ArtifactFile): void
  /** What a journey's browser saw. */
  browser(record: BrowserRecord): void
  /** A line kept with the run. */
  log(line: string): void
  /** Text that is a secret although no check declares it, such as a token that a server gave. */
  secret(name: string, value: string): void
  /** Hash of the journey's file. */
  scriptHash(hash: string): void
  /**
   * The findings of one part of the run, such as a request of several: subjects and phases are its
   * own, and phases count for the run as well. Expectations that name the part look there.
   */
  part(name: string): Findings
}

export type Explain = (broken: Assertion) => RunError

/** An artifact on this machine's disk; whoever records the run moves the file away. */
export type ArtifactFile = Artifact & { path: string }

export type CheckContext = {
  clock: Clock
  /** Aborts at the check's deadline, or when the probe stops. */
  signal: AbortSignal
  findings: Findings
  runId: string
  regionId: string
  /** W3C trace context to send along: `00-<trace id>-<span id>-01`. */
  traceparent: string
  /** Where connections really go; see `connect-to.ts`. */
  connectTo: ConnectTo
  /** Which addresses the region may connect to. */
  policy: AddressPolicy
  /** Name servers that this machine asks, as `host` or `host:port`; by its settings when absent. */
  nameServers?: readonly string[] | undefined
  /** The one address that this part of the run is about, where it has a part for each address. */
  onlyAddress?: string
  /** Access tokens of earlier runs that are still good. */
  tokens: TokenCache
  /** What registries say about domains. */
  domains: DomainRegistry
  /** A secret that the check declares, by name; undefined when the probe does not have it. */
  secret(name: string): string | undefined
  journeyHosts: Pick<JourneyHosts, 'run'>
}

/**
 * One kind of check: measures, and writes down what it finds. It does not judge: expectations are
 * compared in `run-check.ts`, for all kinds alike. It may throw; what it throws is classified there
 * (a {@link CheckError} says itself what it is).
 */
export type CheckRunner<K extends ProbedKind> = (
  check: CheckOf<K>,
  context: CheckContext,
) => Promise<void>

/** A failure whose type the check itself knows, such as an untrusted certificate. */
export class CheckError extends Error {
  override readonly name = 'CheckError'
  readonly type: RunErrorType

  constructor(type: RunErrorType, message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.type = type
  }

  toRunError(): RunError {
    return { type: this.type, message: this.message }
  }
}
