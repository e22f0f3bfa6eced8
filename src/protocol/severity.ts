import { z } from 'zod'

/** How bad something is, the worst first. */
export const Severity = z.enum(['SEV-1', 'SEV-2', 'SEV-3', 'SEV-4'])
export type Severity = z.infer<typeof Severity>
