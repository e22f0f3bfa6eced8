import type { Clock } from '../../base/clock.ts'
import { within } from '../../runtime/deadline.ts'
import type { Environment } from '../../runtime/environment.ts'
import type { Logger } from '../../runtime/logger.ts'
import { CheckError } from '../checks/check-runner.ts'
import { commandWords } from './command-words.ts'
import { environmentSecrets, OWN_VARIABLE } from './environment-secrets.ts'
import { namesInCheck } from './names-in-check.ts'
import { readByCommand } from './read-by-command.ts'

/** The secrets of a probe, by name; see `deploy/README.md` for where they come from. */
export type Secrets = {
  /**
   * Undefined when the probe has none of this name.
   *
   * @throws {CheckError} `probe.secret_missing` when a command should have given it, and how that failed.
   */
  get(name: string): string | undefined
  /** Reads what a run of this check needs from commands, where that is due. Never throws. */
  prepare(check: object): Promise<void>
  /** Ends commands that are under way. */
  stop(): Promise<void>
}

export const SECRETS_REFRESH_MS = 5 * 60_000
/** A command that needs longer waits for something that is not there. */
const COMMAND_MS = 10_000
const COMMANDS_AT_ONCE_MAX = 4
/** A run waits this long at most for all of its secrets, and then goes on with what there is. */
const PREPARE_MS = 15_000
/** After a failure, or what is broken would be started for every run. */
const RETRY_MS = 15_000
const NAMES_MAX = 200

export type SecretsParts = {
  environment: Environment
  clock: Clock
  logger: Logger
  /** How old a value may be when a run begins. */
  refreshMs?: number
  /** For one command. */
  commandMs?: number
}

type Known = {
  value?: string
  readAt?: number
  /** Why the last attempt failed; absent after one that did not. */
  failed?: { why: string; at: number }
  reading?: Promise<void>
}

/**
 * A value by command is read when a run needs it first, and again when it is older than `refreshMs`, before
 * the run: what was rotated must not fail it. While the command fails, the last value stays, with a warning,
 * and runs do not wait for the next attempt.
 */
export function createSecrets(parts: SecretsParts): Secrets {
  const {
    environment,
    clock,
    logger,
    refreshMs = SECRETS_REFRESH_MS,
    commandMs = COMMAND_MS,
  } = parts
  const fromEnvironment = environmentSecrets(environment)
  const given = withoutOwn(environment)
  const known = new Map<string, Known>()
  const stopping = new AbortController()
  const queue = createQueue(COMMANDS_AT_ONCE_MAX)

  /** By definition: it does not change, and is looked through for each of its runs. */
  const names = new WeakMap<object, ReadonlySet<string>>()
  const namesOf = (check: object) => {
    const found = names.get(check) ?? namesInCheck(check)
    names.set(check, found)
    return found
  }
  const commandOf = (name: string) =>
    OWN_VARIABLE.test(name) ? undefined : environment[`${name}_COMMAND`] || undefined
  const hasOwn = (name: string) =>
    Boolean(environment[name]) || Boolean(environment[`${name}_FILE`])

  function isDue({ readAt, failed }: Known): boolean {
    const now = clock.monotonic()
    if (failed) return now - failed.at >= RETRY_MS
    return readAt === undefined || now - readAt >= refreshMs
  }

  async function read(name: string, text: string, secret: Known): Promise<void> {
    const parsed = commandWords(text)
    const result =
      'problem' in parsed
        ? { why: `${name}_COMMAND: ${parsed.problem}` }
        : await queue(() =>
            readByCommand({
              name,
              words: parsed.words,
              environment: given,
              deadlineMs: commandMs,
              signal: stopping.signal,
              knownValue: secret.value,
            }),
          )
    const now = clock.monotonic()
    if ('value' in result) {
      secret.value = result.value
      secret.readAt = now
      delete secret.failed
      return
    }
    secret.failed = { why: result.why, at: now }
    if (!stopping.signal.aborted && secret.value !== undefined)
      logger.warn(
        { secret: name, why: result.why },
        'secret not read again; its last value is used',
      )
  }

  /** One command for all runs that want the secret. */
  function reading(name: string, text: string): Promise<void> | undefined {
    const secret = known.get(name) ?? {}
    if (!known.has(name) && known.size >= NAMES_MAX) return undefined
    known.set(name, secret)
    if (!secret.reading) {
      if (!isDue(secret)) return undefined
      secret.reading = read(name, text, secret).finally(() => {
        delete secret.reading
      })
    }
    // The last attempt failed, and there is something to go on with.
    return secret.failed && secret.value !== undefined ? undefined : secret.reading
  }

  return {
    get(name) {
      const own = fromEnvironment(name)
      const command = commandOf(name)
      if (own !== undefined || command === undefined) return own
      const { value, failed } = known.get(name) ?? {}
      if (value !== undefined) return value
      throw new CheckError(
        'probe.secret_missing',
        `this probe has no secret ${name}: ${failed?.why ?? 'its command was not done in time'}`,
      )
    },
    async prepare(check) {
      const waited = [...namesOf(check)].flatMap((name) => {
        const command = hasOwn(name) ? undefined : commandOf(name)
        return command === undefined ? [] : (reading(name, command) ?? [])
      })
      if (waited.length > 0) await within(PREPARE_MS, Promise.all(waited))
    },
    async stop() {
      stopping.abort()
      await Promise.all([...known.values()].map(({ reading }) => reading))
    },
  }
}

/** A command has its own logins among the variables, and no need of ours. */
const withoutOwn = (environment: Environment): Environment =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !OWN_VARIABLE.test(name)))

function createQueue(atOnce: number) {
  let running = 0
  const waiting: (() => void)[] = []
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve))
    else running++
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}
