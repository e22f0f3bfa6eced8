import type { ProbedCheck } from '../protocol/check.ts'

/** Network checks and journeys do not take each other's places: a browser needs a core, a request none. */
export type Lane = 'network' | 'browsers'

export type Places = { readonly [L in Lane]: number }

export const laneOf = ({ kind }: Pick<ProbedCheck, 'kind'>): Lane =>
  kind === 'journey' ? 'browsers' : 'network'

/** How many runs may be under way at once, in each lane. */
export class Capacity {
  readonly places: Places
  readonly #taken = { network: 0, browsers: 0 }

  constructor(places: Places) {
    this.places = places
  }

  get taken(): Places {
    return { ...this.#taken }
  }

  /** Takes a place when one is free. */
  take(lane: Lane): boolean {
    if (this.#taken[lane] >= this.places[lane]) return false
    this.#taken[lane]++
    return true
  }

  free(lane: Lane): void {
    this.#taken[lane]--
  }
}
