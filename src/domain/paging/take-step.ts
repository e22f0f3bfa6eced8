import { assert } from '../../base/assert.ts'
import type { Contact, Duty } from '../../protocol/on-call.ts'
import type { Page, PagePlace, PersonRef } from '../../protocol/page.ts'
import type { Draft } from '../incident/stamp-events.ts'
import { joinNames } from '../join-names.ts'
import type { DutyAnswer } from '../on-call/resolve-duty.ts'

/** Somebody whom a step calls, and how. */
export type Call = {
  person: PersonRef
  /** Why it is they, in words. */
  reason: string
  /** All of `first` at once; each of `fallbacks` when one before it failed. */
  first: Contact[]
  fallbacks: Contact[]
  /** They are told, and nobody waits for them. */
  isNotice: boolean
}

export type Roster = {
  /** Whom a duty means now. */
  who(duty: Duty): DutyAnswer
  person(id: string): PersonRef | undefined
  /** The contacts that may be used for them, in the order in which a step wants them. */
  contacts(
    personId: string,
    by: Page['ladder']['steps'][number]['by'],
  ): {
    first: Contact[]
    fallbacks: Contact[]
  }
  /** Who is told when nobody has acknowledged. */
  lastResort?: Duty | undefined
}

export type StepTaken = { page: Page; drafts: Draft[]; at: PagePlace; calls: Call[] }

/**
 * Takes the step of a page that is due: whom it calls, and what comes next when. A step that reaches
 * nobody is on record, and passed at once to the next. When a whole round reached nobody, or the last
 * round is over, the page is unowned.
 */
export function takeStep(page: Page, roster: Roster, now: number): StepTaken {
  assert(page.state === 'running', 'only a page that runs has a next step')
  const drafts: Draft[] = []
  let place = page.next
  for (let passed = 0; passed <= page.ladder.steps.length; passed++) {
    const step = stepAt(page, place)
    if (!step || passed === page.ladder.steps.length)
      return endOfLadder(page, roster, now, place, drafts)
    const { calls, missing } = callsOf(step, roster, page.as === 'notice')
    const awaited = calls.filter(({ isNotice }) => !isNotice || page.as === 'notice')
    if (missing.length > 0)
      drafts.push({
        type: 'nobody_on_call',
        pageId: page.pageId,
        ...place,
        reason: missing.join('; '),
        isPassed: awaited.length === 0 && page.isOnce !== true,
      })
    const next = placeAfter(page, place)
    if (awaited.length > 0) {
      const people = awaited.map(({ person }) => person)
      const whyThey = [...new Set(awaited.map(({ reason }) => reason))].join('; ')
      drafts.push({
        type: 'paged',
        pageId: page.pageId,
        ...place,
        as: page.as,
        people,
        reason: page.called.length === 0 ? `${page.cause}; ${whyThey}` : whyThey,
      })
      return {
        page: {
          ...page,
          next: next.place,
          dueAt: now + next.afterMs,
          called: [...page.called, { ...place, at: now, people }],
        },
        drafts,
        at: place,
        calls,
      }
    }
    place = next.place
  }
  return endOfLadder(page, roster, now, place, drafts)
}

const stepAt = ({ ladder }: Page, { round, step }: PagePlace) =>
  round > ladder.rounds ? undefined : ladder.steps[step - 1]

/** The next step, and how long after this one it is due. */
function placeAfter(
  { ladder }: Page,
  { round, step }: PagePlace,
): { place: PagePlace; afterMs: number } {
  const [own, following] = [ladder.steps[step - 1], ladder.steps[step]]
  if (own && following)
    return { place: { round, step: step + 1 }, afterMs: following.afterMs - own.afterMs }
  return { place: { round: round + 1, step: 1 }, afterMs: ladder.acknowledgeWithinMs }
}

function endOfLadder(
  page: Page,
  roster: Roster,
  now: number,
  at: PagePlace,
  drafts: Draft[],
): StepTaken {
  const { dueAt: _, ...rest } = page
  if (page.as === 'notice' || page.isOnce === true)
    return {
      page: { ...rest, state: 'ended', stateSince: now, next: at },
      drafts,
      at,
      calls: [],
    }
  const people = uniqueNames(page.called.flatMap((call) => call.people))
  const reason =
    people.length === 0 ? 'nobody could be paged' : `${joinNames(people)} did not acknowledge`
  const last = roster.lastResort
  const { calls } = last ? callsOf({ page: [last] }, roster, false) : { calls: [] }
  return {
    page: {
      ...rest,
      state: 'unowned',
      stateSince: now,
      stateReason: reason,
      next: at,
      called:
        calls.length === 0
          ? page.called
          : [...page.called, { ...at, at: now, people: calls.map(({ person }) => person) }],
    },
    drafts: [
      ...drafts,
      {
        type: 'unowned',
        pageId: page.pageId,
        reason,
        told: calls.map(({ person }) => person),
      },
    ],
    at,
    calls,
  }
}

function callsOf(
  step: { page: Duty[]; by?: Page['ladder']['steps'][number]['by'] },
  roster: Roster,
  areNotices: boolean,
): { calls: Call[]; missing: string[] } {
  const calls: Call[] = []
  const missing: string[] = step.page.length === 0 ? ['nobody is named for this service'] : []
  const call = (id: string, reason: string, isNotice: boolean): void => {
    if (calls.some(({ person }) => person.id === id)) return
    const person = roster.person(id)
    if (!person) return
    const contacts = roster.contacts(id, step.by)
    if (contacts.first.length > 0) calls.push({ person, reason, ...contacts, isNotice })
    else if (!isNotice || areNotices) missing.push(`${person.name} has no verified contact`)
  }
  for (const duty of step.page) {
    const answer = roster.who(duty)
    if ('nobody' in answer) {
      missing.push(answer.nobody)
      continue
    }
    for (const id of answer.people) call(id, answer.reason, areNotices)
    for (const id of answer.shadows) call(id, answer.reason, true)
  }
  return { calls, missing }
}

const uniqueNames = (people: readonly PersonRef[]) => [...new Set(people.map(({ name }) => name))]

/**
 * What becomes of a page when nothing of its last step arrived: the next step is due at once. Nothing
 * where the page is further already, or does not run.
 */
export function hastenStep(page: Page, failed: PagePlace, now: number): Page | undefined {
  const last = page.called.at(-1)
  const isCurrent = last?.round === failed.round && last.step === failed.step
  if (page.state !== 'running' || !isCurrent || (page.dueAt ?? now) <= now) return undefined
  return { ...page, dueAt: now }
}
