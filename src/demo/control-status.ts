import { z } from 'zod'

/** What `GET /status` answers, and every change too. */
export const DemoStatus = z.object({
  /** What is on. */
  faults: z.array(
    z.object({ name: z.string(), regionId: z.string().optional(), since: z.iso.datetime() }),
  ),
  /** What could be. */
  available: z.array(
    z.object({ name: z.string(), description: z.string(), takesRegion: z.boolean() }),
  ),
})
export type DemoStatus = z.infer<typeof DemoStatus>
