import { z } from 'zod'

/** Rows that are kept and shown; of the others only how many there are. */
export const TABLE_ROWS_MAX = 10
/** What a value of a label is clipped to. */
export const TABLE_LABEL_MAX = 80

/** A number for each value of a label, such as each zone, the worst first. */
export const ReadingTable = z.object({
  /** The label: `zone`. */
  by: z.string(),
  rows: z.array(
    z.object({
      /** Its value: `b`; empty where there is none. */
      label: z.string().max(TABLE_LABEL_MAX),
      number: z.number(),
      /** What it is a share of, and how much of that; absent where the system gave the share alone. */
      part: z.number().optional(),
      whole: z.number().optional(),
      /** By the query's own limit; absent where it has none. */
      isBad: z.boolean().optional(),
    }),
  ),
  /** Values beyond those rows, none of which is worse. */
  more: z.number().int().nonnegative(),
  /** Of all values, how many are bad; absent without a limit. */
  bad: z.number().int().nonnegative().optional(),
  /** Values of which there is too little to say anything. */
  silent: z.number().int().nonnegative(),
  /** Numbers are shares, between 0 and 1. */
  isShare: z.boolean(),
})
export type ReadingTable = z.infer<typeof ReadingTable>
