import type { Incident } from '../../../protocol/incident.ts'
import type { InternalUpdate, PublicUpdate } from '../../../protocol/leading.ts'
import {
  describeTextProblems,
  lintPublicText,
  type PublicContext,
} from '../leading/lint-public-text.ts'
import { isOpen } from '../moves.ts'
import { carryOut, type Decision, type Order, type Refusal } from './order.ts'

/** The furthest that the next update may be promised. */
export const PROMISE_MS_MAX = 24 * 3_600_000

export type NewUpdate = Omit<InternalUpdate, 'severity'> & {
  public?: PublicUpdate | undefined
  /** When people hear next; as the severity asks where absent. */
  nextAt?: number | undefined
  /** Nothing more will be told. */
  isLast?: boolean | undefined
  /** Somebody has read what was said against the public text, and means it. */
  isMeant?: boolean | undefined
}

export type UpdateContext = {
  /** Between updates of this severity; undefined where they come as things change. */
  everyMs: number | undefined
  /** Ids of the components of the status page; undefined where there is no such page. */
  components: readonly string[] | undefined
  text: Omit<PublicContext, 'severity'>
  /** For an incident that the public has not heard of. */
  newPublicId: string
}

/** Tells people, and perhaps the public, how it stands, and promises when they hear next. */
export function postUpdate(
  incident: Incident,
  order: Order,
  update: NewUpdate,
  context: UpdateContext,
): Decision {
  return carryOut(incident, order, update.currentStatus, () => {
    const nextAt = nextUpdateAt(incident, order, update, context)
    if (typeof nextAt === 'object') return nextAt
    const refused = update.public && refusePublic(incident, update.public, update, context)
    if (refused) return refused
    const { impact, currentStatus, nextSteps, public: told } = update
    return [
      {
        type: 'update_posted',
        internal: { severity: incident.severity, impact, currentStatus, nextSteps },
        ...(told && {
          public: { ...told, publicId: incident.published?.publicId ?? context.newPublicId },
        }),
        ...(nextAt !== undefined && { nextAt }),
      },
    ]
  })
}

function nextUpdateAt(
  incident: Incident,
  { now }: Order,
  { nextAt, isLast = false }: NewUpdate,
  { everyMs }: UpdateContext,
): number | undefined | Refusal {
  if (isLast && isOpen(incident) && everyMs !== undefined)
    return {
      code: 'incident.wrong_state',
      reason: `${incident.id} is ${incident.state}; the last update comes when it is over`,
    }
  if (isLast) return undefined
  if (nextAt === undefined)
    return isOpen(incident) && everyMs !== undefined ? now + everyMs : undefined
  if (nextAt > now && nextAt <= now + PROMISE_MS_MAX) return nextAt
  return {
    code: 'incident.time_impossible',
    reason: 'the next update comes later than now, and within a day',
  }
}

/** Nothing is told better than it is, and nothing in words that are only ours. */
function refusePublic(
  incident: Incident,
  told: PublicUpdate,
  { isMeant = false }: NewUpdate,
  { components, text }: UpdateContext,
): Refusal | undefined {
  const code = 'incident.public_text'
  if (components === undefined)
    return { code, reason: 'there is no status page; config/status-page.yaml makes one' }
  const unknown = told.components.find(({ id }) => !components.includes(id))
  if (unknown) return { code, reason: `the status page has no component ${unknown.id}` }
  if (told.status === 'resolved' && isOpen(incident))
    return {
      code: 'incident.wrong_state',
      reason: `${incident.id} is ${incident.state}; the public reads "resolved" when it is over`,
    }
  if (
    told.status === 'monitoring' &&
    (incident.state === 'mitigating' || incident.state === 'triage')
  )
    return {
      code: 'incident.wrong_state',
      reason: `${incident.id} is ${incident.state}; the public reads "monitoring" when nothing fails any more`,
    }
  if (isMeant) return undefined
  const { title, acknowledgement, impact, work } = told
  const problems = lintPublicText([title, acknowledgement, impact, work].join('\n'), {
    ...text,
    severity: incident.severity,
  })
  return problems.length === 0 ? undefined : { code, reason: describeTextProblems(problems) }
}
