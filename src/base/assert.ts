/** Thrown when an invariant of our own code is broken. Nobody catches it: the process dies and restarts. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError'
}

/**
 * States what must hold here whatever the world does; `why` says why it must.
 *
 * For bad news from the outside use {@link AppError} instead.
 *
 * @throws {AssertionError} when the condition is false.
 */
export function assert(condition: unknown, why: string): asserts condition {
  if (!condition) throw new AssertionError(why)
}

/** Makes the compiler prove that a `switch` over a union has no case left. */
export function unreachable(value: never, why: string): never {
  throw new AssertionError(`${why}: ${String(value)}`)
}
