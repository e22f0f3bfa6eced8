import type { Command } from 'commander'
import { AppError } from '../base/app-error.ts'
import { printable } from '../definitions/printable.ts'
import { nextUpdateWords } from '../domain/incident/leading/update-text.ts'
import type { UpdateDraft } from '../protocol/leading-view.ts'
import { PublicStatus } from '../protocol/status-page.ts'
import { instantOf } from './instant-option.ts'

export type UpdateOptions = {
  draft?: true
  impact?: string
  status?: string
  steps?: string
  next?: string
  last?: true
  public?: true
  publicTitle?: string
  publicState?: string
  publicKnown?: string
  publicImpact?: string
  publicWork?: string
  asWritten?: true
}

export const withUpdateOptions = (command: Command): Command =>
  command
    .option('--draft', 'only print the draft; nothing is sent')
    .option('--impact <text>', 'what cannot be done; the draft says what is measured')
    .option('--status <text>', 'how it stands; the draft says what was found and done last')
    .option('--steps <text>', 'what is done next')
    .option('--next <when>', 'when people hear next, such as 15:30Z; the severity says when absent')
    .option('--last', 'nothing more will be told')
    .option('--public', 'tell the status page too, in its own words')
    .option('--public-title <text>', 'what it is called there')
    .option('--public-state <state>', 'investigating, identified, monitoring or resolved')
    .option('--public-known <text>', 'that you know of it')
    .option('--public-impact <text>', 'what customers see')
    .option('--public-work <text>', 'what you do about it')
    .option('--as-written', 'publish the words although something was said against them')

/** The draft with what was typed in place of its parts, as the command's body. */
export function updateBody(draft: UpdateDraft, options: UpdateOptions): object {
  const { internal, public: told, isLast } = draft
  const { impact, status, steps, next, last } = options
  return {
    impact: impact ?? internal.impact,
    currentStatus: status ?? internal.currentStatus,
    nextSteps: steps ?? internal.nextSteps,
    ...(next !== undefined && { nextAt: laterInstantOf(next) }),
    ...((last ?? (isLast && next === undefined)) && { isLast: true }),
    ...(options.public && { public: publicBody(told, options) }),
    ...(options.asWritten && { isMeant: true }),
  }
}

function publicBody(draft: UpdateDraft['public'], options: UpdateOptions): object {
  if (!draft)
    throw new AppError(
      'request.invalid',
      'there is no status page; config/status-page.yaml makes one',
    )
  const { publicTitle, publicState, publicKnown, publicImpact, publicWork } = options
  const state = PublicStatus.safeParse(publicState ?? draft.status)
  if (!state.success)
    throw new AppError(
      'request.invalid',
      `--public-state: expected ${PublicStatus.options.join(', ')}, got ${publicState}`,
    )
  return {
    ...draft,
    title: publicTitle ?? draft.title,
    status: state.data,
    acknowledgement: publicKnown ?? draft.acknowledgement,
    impact: publicImpact ?? draft.impact,
    work: publicWork ?? draft.work,
  }
}

const DAY_MS = 86_400_000

/** `15:30Z` is the next time that the clock says so in UTC; other forms are those of `--at`. */
function laterInstantOf(written: string): number {
  const clock = /^([01]\d|2[0-3]):([0-5]\d)Z?$/.exec(written)
  if (!clock) return instantOf(written)
  const now = instantOf('0s')
  const today = now - (now % DAY_MS) + (Number(clock[1]) * 60 + Number(clock[2])) * 60_000
  return today > now ? today : today + DAY_MS
}

/** The draft, as it would be told. */
export function renderDraft({ internal, public: told, nextAt }: UpdateDraft): string {
  const lines = [
    `Severity: ${internal.severity}`,
    `Impact: ${internal.impact}`,
    `Current Status: ${internal.currentStatus}`,
    `Next Steps: ${internal.nextSteps}`,
    `Next Update: ${nextUpdateWords(nextAt)}`,
    ...(told
      ? [
          '',
          `In public, with --public (${told.status}): ${told.title}`,
          told.acknowledgement,
          told.impact,
          told.work,
        ]
      : []),
  ]
  return `${lines.map(printable).join('\n')}\n`
}
