/** What `firewatch` exits with; part of its interface. */
export const EXIT = {
  fine: 0,
  checkFailed: 1,
  /** `import` could not convert everything. */
  leftOut: 1,
  /** Wrong usage, or definitions that are not valid. */
  invalid: 2,
  /** Could not decide: coordinator away, or a fault of the probe. */
  undecided: 3,
  nothingMatched: 4,
} as const
