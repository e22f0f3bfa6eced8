import type { DestinationKind } from '../../protocol/destination.ts'

/** When a service stops taking what is sent to it, and what takes its place. */
export type ServiceEnd = { name: string; day: string; instead: string }

/** @see https://www.atlassian.com/software/opsgenie/migration */
const ENDS: Partial<Record<DestinationKind, ServiceEnd>> = {
  opsgenie: {
    name: 'Opsgenie',
    day: '2027-04-05',
    instead: 'kind: jsm, with the key of an API integration of Jira Service Management',
  },
}

/** The announced end of a kind of destination; undefined where none is. */
export const serviceEnd = (kind: DestinationKind): ServiceEnd | undefined => ENDS[kind]
