import type { OnCall, OnCallChanges } from '../../../protocol/on-call.ts'

export type ComplaintKind =
  | 'nobody_at_all'
  | 'service_without_team'
  | 'gap'
  | 'empty_shift'
  | 'single_point'
  | 'no_verified_contact'
  | 'only_email'
  | 'service_ends'
  | 'nothing_wakes'
  | 'unreachable_step'
  | 'unreachable_ladder'
  | 'primary_is_secondary'
  | 'long_shifts_in_a_row'
  | 'shift_on_leave'
  | 'shift_unconfirmed'

/** Something that would leave somebody unpaged, or worn out. */
export type OnCallComplaint = {
  kind: ComplaintKind
  /** An error leaves an incident without anybody for a while; a warning makes that likely. */
  level: 'error' | 'warning'
  /** What is wrong, in words, with its times. */
  message: string
  /** What would mend it. */
  advice: string
  /** Where in `config/on-call.yaml`. */
  path: (string | number)[]
  from?: number
  until?: number
}

export type LintInput = {
  roster: { onCall: OnCall } & OnCallChanges
  /** Services that incidents can be about. */
  services: readonly string[]
  from: number
  until: number
}
