export type Sample = { at: number; isBad: boolean }

export type WindowWatch = {
  /** In the window that ends now. */
  count: number
  bad: number
  /** Since when it is too much without a break, at most a little more than `forMs` ago. */
  since?: number
  /** When time alone may change the answer; undefined when it cannot. */
  changesAt?: number
}

/**
 * Looks at a sliding window over samples: how many it holds now, and since when too many of them are
 * bad. The answer is of the samples' times alone, not of when somebody looked: a coordinator that was
 * away finds the same.
 *
 * @param samples the oldest first, none later than `now`, back to `now - withinMs - forMs`.
 */
export function watchWindow(
  samples: readonly Sample[],
  {
    withinMs,
    forMs,
    samplesMin,
    isTooMuch,
    now,
  }: {
    withinMs: number
    forMs: number
    samplesMin: number
    isTooMuch(count: number, bad: number): boolean
    now: number
  },
): WindowWatch {
  const badBefore = [0]
  for (const { isBad } of samples) badBefore.push((badBefore.at(-1) ?? 0) + (isBad ? 1 : 0))
  const countAt = (instant: number) => {
    const from = countUpTo(samples, instant - withinMs)
    const to = countUpTo(samples, instant)
    return { count: to - from, bad: (badBefore[to] ?? 0) - (badBefore[from] ?? 0) }
  }
  const isBreached = ({ count, bad }: { count: number; bad: number }) =>
    count >= samplesMin && isTooMuch(count, bad)

  const current = countAt(now)
  const since = isBreached(current) ? breachedSince() : undefined
  const leaving = samples.find(({ at }) => at > now - withinMs)
  const changes = [
    ...(leaving ? [leaving.at + withinMs] : []),
    ...(since !== undefined && now - since < forMs ? [since + forMs] : []),
  ]
  return {
    ...current,
    ...(since !== undefined && { since }),
    ...(changes.length > 0 && { changesAt: Math.min(...changes) }),
  }

  /** Between a sample's coming and another's leaving nothing changes, so only these are looked at. */
  function breachedSince(): number {
    const instants = samples
      .flatMap(({ at }) => [at, at + withinMs])
      .filter((at) => at <= now)
      .sort((a, b) => b - a)
    let earliest = now
    for (const instant of instants) {
      if (!isBreached(countAt(instant))) break
      earliest = instant
      if (now - earliest >= forMs) break
    }
    return earliest
  }
}

/** How many samples are not later than an instant. */
function countUpTo(samples: readonly Sample[], instant: number): number {
  let low = 0
  let high = samples.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const sample = samples[middle]
    if (sample && sample.at <= instant) low = middle + 1
    else high = middle
  }
  return low
}
