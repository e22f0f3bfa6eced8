/** Tokens kept at once; each check with a login has one. */
const TOKENS_MAX = 1_000

type Kept = { token: string; goodUntil: number }

/** Access tokens of one probe, by what they were asked for. Times are of the monotonic clock. */
export type TokenCache = {
  find(key: string, now: number): string | undefined
  keep(key: string, token: string, goodUntil: number): void
  /** The server did not take it, although it should still be good. */
  forget(key: string): void
  /**
   * Asks for a token, or waits for the answer that somebody else is asking for already: when many runs
   * begin at once, the server hears of one.
   *
   * @param ask gives undefined when it had to give up for a reason of its own, such as its run's
   * deadline: then those who waited ask themselves.
   */
  share(key: string, ask: () => Promise<string | undefined>): Promise<string | undefined>
}

export function createTokenCache(): TokenCache {
  const kept = new Map<string, Kept>()
  const asking = new Map<string, Promise<string | undefined>>()
  return {
    find(key, now) {
      const found = kept.get(key)
      if (found && found.goodUntil > now) return found.token
      kept.delete(key)
      return undefined
    },
    keep(key, token, goodUntil) {
      const oldest = kept.size >= TOKENS_MAX ? kept.keys().next().value : undefined
      if (oldest !== undefined) kept.delete(oldest)
      kept.set(key, { token, goodUntil })
    },
    forget: (key) => void kept.delete(key),
    share(key, ask) {
      const known = asking.get(key)
      if (known) return known
      const asked = ask().finally(() => asking.delete(key))
      asking.set(key, asked)
      return asked
    },
  }
}
