import type { ProbedCheck } from '../protocol/check.ts'

/** Network checks and journeys do not take each other's places: a browser needs a core, a request none. */
export type Lane = 'network' | 'browsers'

export type Places = { readonly [L in Lane]: number }

export const laneOf = ({ kind }: Pick<ProbedCheck, 'kind'>): Lane =>
  kind === 'journey' ? 'browsers' : 'network'

/** How many runs may be under way at once, in each lane. */
export class Capacity {
  /** What the probe was given. */
  readonly places: Places
  /** What it takes at the moment, which is less when more could not be measured. */
  readonly #limits: { [L in Lane]: number }
  readonly #taken = { network: 0, browsers: 0 }

  constructor(places: Places) {
    this.places = places
    this.#limits = { ...places }
  }

  get taken(): Places {
    return { ...this.#taken }
  }

  get limits(): Places {
    return { ...this.#limits }
  }

  /** Runs that are under way beyond a lower limit end as they would. */
  limit(lane: Lane, runs: number): void {
    this.#limits[lane] = Math.min(runs, this.places[lane])
  }

  /** Takes a place when one is free. */
  take(lane: Lane): boolean {
    if (this.#taken[lane] >= this.#limits[lane]) return false
    this.#taken[lane]++
    return true
  }

  free(lane: Lane): void {
    this.#taken[lane]--
  }
}
