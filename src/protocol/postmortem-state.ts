import { z } from 'zod'

/** How far the review of an incident has come; in this order, and back where it is not right yet. */
export const PostmortemState = z.enum(['draft', 'in_review', 'reviewed', 'closed'])
export type PostmortemState = z.infer<typeof PostmortemState>
