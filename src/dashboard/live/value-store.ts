/** One value that parts of the page follow. */
export type ValueStore<T> = {
  get(): T
  /** Tells the followers, unless the value is the same. */
  set(value: T): void
  /** Calls `follower` after each change until the returned function is called. */
  follow(follower: () => void): () => void
}

export function createValueStore<T>(initial: T): ValueStore<T> {
  let value = initial
  const followers = new Set<() => void>()
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return
      value = next
      for (const follower of [...followers]) follower()
    },
    follow(follower) {
      followers.add(follower)
      return () => followers.delete(follower)
    },
  }
}
