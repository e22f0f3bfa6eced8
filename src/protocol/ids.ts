import { z } from 'zod'

/** Longest name that people may give to a check, service, region, step … */
export const NAME_LENGTH_MAX = 80

const KEBAB = /^[a-z0-9]+(?:-[a-z0-9]+)*$/

const kebabName = (what: string) =>
  z
    .string()
    .max(NAME_LENGTH_MAX, `at most ${NAME_LENGTH_MAX} characters`)
    .regex(KEBAB, `${what}: lower-case letters, digits and single dashes, such as checkout-stop`)

/** Unique in the fleet; part of every run, alert and URL. */
export const CheckId = kebabName('a check id')
export type CheckId = z.infer<typeof CheckId>

/** The business function watched, such as `storefront`. */
export const ServiceId = kebabName('a service id')
export type ServiceId = z.infer<typeof ServiceId>

/** The service under which the fleet's own trouble is filed; nobody may define one of this name. */
export const FLEET_SERVICE = 'fleet'

/** The region under which heartbeats are filed: no probe measures them. */
export const COORDINATOR_REGION = 'coordinator'

/** Where probes stand, such as `eu-west`. */
export const RegionId = kebabName('a region id')
export type RegionId = z.infer<typeof RegionId>

/** Somebody who can be on call; also the name they sign in with. */
export const PersonId = kebabName('the id of a person')
export type PersonId = z.infer<typeof PersonId>

/** People who own services together. */
export const TeamId = kebabName('a team id')
export type TeamId = z.infer<typeof TeamId>

/** Who is on call in turns, such as `storefront-weekly`. */
export const RotationId = kebabName('a rotation id')
export type RotationId = z.infer<typeof RotationId>

/** One probe process; stable across its restarts. */
export const ProbeId = z.string().min(1).max(NAME_LENGTH_MAX)
export type ProbeId = z.infer<typeof ProbeId>

/** Minted by the probe before anything is sent, so that sending twice stores once. A UUID. */
export const RunId = z.uuid()
export type RunId = z.infer<typeof RunId>

/** For people to say aloud: `INC-42`. */
export const IncidentId = z.string().regex(/^INC-\d+$/)
export type IncidentId = z.infer<typeof IncidentId>

/** Names one file of a run: `screenshot.png`. */
export const ArtifactName = z
  .string()
  .max(NAME_LENGTH_MAX)
  .regex(/^[a-z0-9][a-z0-9-]*\.[a-z0-9]+$/)
export type ArtifactName = z.infer<typeof ArtifactName>

/** An instant: epoch milliseconds. */
export const Instant = z.number().int().nonnegative()
export type Instant = z.infer<typeof Instant>
