import { z } from 'zod'
import { CheckId, NAME_LENGTH_MAX, ServiceId } from './ids.ts'

/**
 * The public status page: what it is called, what it is made of, and the words that readers of such
 * pages know.
 */

export const ComponentStatus = z.enum([
  'operational',
  'degraded_performance',
  'partial_outage',
  'major_outage',
])
export type ComponentStatus = z.infer<typeof ComponentStatus>

export const PublicStatus = z.enum(['investigating', 'identified', 'monitoring', 'resolved'])
export type PublicStatus = z.infer<typeof PublicStatus>

export const PublicImpact = z.enum(['none', 'minor', 'major', 'critical'])
export type PublicImpact = z.infer<typeof PublicImpact>

export const ComponentId = z
  .string()
  .max(NAME_LENGTH_MAX)
  .regex(
    /^[a-z0-9]+(-[a-z0-9]+)*$/,
    'lower-case letters, digits and single dashes, such as checkout',
  )
export type ComponentId = z.infer<typeof ComponentId>

const COMPONENTS_MAX = 100
const SERVICES_MAX = 50

/** `config/status-page.yaml`, as people write it. */
export const StatusPageFile = z.strictObject({
  title: z.string().min(1).max(NAME_LENGTH_MAX).describe('Whose page it is: Lamp shop status.'),
  url: z
    .url({ protocol: /^https?$/, error: 'an address such as https://status.example.com' })
    .optional()
    .describe('Where the public finds it; for links in its JSON.'),
  about: z.string().min(1).max(500).optional().describe('A sentence or two below the title.'),
  support: z
    .strictObject({
      text: z.string().min(1).max(NAME_LENGTH_MAX),
      url: z.url({ protocol: /^(https?|mailto)$/, error: 'an https: or mailto: address' }),
    })
    .optional()
    .describe('Where customers find help.'),
  components: z
    .array(
      z.strictObject({
        id: ComponentId,
        name: z.string().min(1).max(NAME_LENGTH_MAX).describe('As customers call it: Checkout.'),
        description: z.string().min(1).max(200).optional(),
        group: z
          .string()
          .min(1)
          .max(NAME_LENGTH_MAX)
          .optional()
          .describe('Shown below this heading.'),
        services: z
          .array(ServiceId)
          .min(1)
          .max(SERVICES_MAX)
          .describe('What it stands for; an incident of one of these concerns it.'),
        checks: z
          .array(CheckId)
          .min(1)
          .max(SERVICES_MAX)
          .optional()
          .describe('Only these checks of the services; all of them when absent.'),
      }),
    )
    .min(1)
    .max(COMPONENTS_MAX)
    .describe('In the order of the page.'),
})
export type StatusPageFile = z.infer<typeof StatusPageFile>

/** The same, resolved. */
export type StatusPage = StatusPageFile
