import { z } from 'zod'
import { CheckKind } from './check.ts'
import { FindingKind, Layer } from './finding-kind.ts'
import { CheckId, NAME_LENGTH_MAX, PersonId, RotationId, ServiceId, TeamId } from './ids.ts'
import { RotationRole, TeamRole } from './on-call.ts'

/**
 * What to do when a certain alert fires, one Markdown file each below `config/runbooks/`. Written for
 * somebody who was asleep a minute ago: few steps, one command each, and what it should say.
 */

/** The name of the file without its ending. */
export const RunbookId = z
  .string()
  .max(NAME_LENGTH_MAX)
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'lower-case letters, digits and single dashes')
export type RunbookId = z.infer<typeof RunbookId>

/** Its headings, each once and in this order. */
export const RUNBOOK_HEADINGS = [
  'Alert',
  'Severity',
  'Prerequisites',
  'Steps',
  'Escalation',
] as const

/** Nobody follows more at three in the morning. */
export const STEPS_MAX = 12
/** Names in one list of what a runbook is for. */
const BOUND_MAX = 100
/** Longest part of a runbook: a screen of text. */
export const RUNBOOK_TEXT_MAX = 4_000
export const COMMAND_LENGTH_MAX = 2_000

const boundTo = <T extends z.ZodType>(one: T) => z.array(one).min(1).max(BOUND_MAX).optional()

/** The front part of the file: which alerts it is for. Whatever matches any of these. */
export const RunbookBinding = z
  .strictObject({
    checks: boundTo(CheckId).describe('Alerts of these checks.'),
    queries: boundTo(z.string().max(NAME_LENGTH_MAX)).describe('Numbers of config/queries.yaml.'),
    findings: boundTo(FindingKind).describe('Findings of these kinds, such as region_silent.'),
    layers: boundTo(Layer).describe('Findings that these layers saw, such as vendors.'),
    kinds: boundTo(CheckKind).describe('Alerts of all checks of these kinds, such as tls.'),
    services: boundTo(ServiceId).describe('Whatever is wrong with these services.'),
  })
  .refine((binding) => Object.values(binding).some((list) => list !== undefined), {
    error: 'at least one of checks, queries, findings, layers, kinds and services',
  })
export type RunbookBinding = z.infer<typeof RunbookBinding>

/** Text of a runbook: plain words, in which `code` stands between backticks. */
const RunbookText = z.string().max(RUNBOOK_TEXT_MAX)

export const RunbookStep = z.object({
  /** What is done, in one sentence. */
  what: RunbookText,
  /** What else is to be known of it. */
  details: RunbookText.optional(),
  /** To be copied as it is. */
  command: z.string().max(COMMAND_LENGTH_MAX).optional(),
  /** What it should say; a step with a command has it. */
  expected: RunbookText.optional(),
  /**
   * It cannot be undone: what must be true before. Whoever ticks it says where it was done, and who
   * looked on.
   */
  onlyIf: RunbookText.optional(),
})
export type RunbookStep = z.infer<typeof RunbookStep>

/** Who can be called from a runbook; more is a list that nobody reads at night. */
export const CALLS_MAX = 8

/** Somebody whom “Escalation” names, to be paged from the checklist. */
export const RunbookCall = z.object({
  /** `owner`: of the team that owns the incident's service. */
  duty: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('owner'), role: TeamRole }),
    z.object({ kind: z.literal('team'), teamId: TeamId, role: TeamRole }),
    z.object({ kind: z.literal('rotation'), rotationId: RotationId, role: RotationRole }),
    z.object({ kind: z.literal('person'), personId: PersonId }),
  ]),
  /** The same in words: `the lead of database`. */
  who: z.string(),
  /** When that is right. */
  when: RunbookText.optional(),
})
export type RunbookCall = z.infer<typeof RunbookCall>

export const Runbook = z.object({
  id: RunbookId,
  title: z.string(),
  binding: RunbookBinding,
  /** Which alert it is for, and what that means. */
  alert: RunbookText,
  /** How severe it is, and when it becomes worse. */
  severity: RunbookText,
  /** What one must have before one begins. */
  prerequisites: z.array(RunbookText),
  steps: z.array(RunbookStep).min(1).max(STEPS_MAX),
  /** Whom to call, and when. */
  escalation: RunbookText,
  /** Those of them who can be paged from the checklist. */
  calls: z.array(RunbookCall).min(1).max(CALLS_MAX).optional(),
})
export type Runbook = z.infer<typeof Runbook>
