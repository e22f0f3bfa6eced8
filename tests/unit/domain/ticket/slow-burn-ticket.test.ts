import { expect, test } from 'vitest'
import { BURN_WINDOWS } from '../../../../src/domain/objective/burn-windows.ts'
import { SAME_TICKET_MS, slowBurnTicket } from '../../../../src/domain/ticket/slow-burn-ticket.ts'
import { NOW } from '../incident/reports.ts'

const [fast, , slow] = BURN_WINDOWS
const burning = { state: 'burning', window: slow, reason: 'burns' } as const
const quiet = { state: 'quiet', reason: 'calm' } as const

test.each<{
  why: string
  input: Partial<Parameters<typeof slowBurnTicket>[0]>
  step: 'open' | 'comment' | 'nothing'
}>([
  { why: 'nothing else tells of it', input: {}, step: 'open' },
  {
    why: 'a fast burn pages',
    input: { decision: { ...burning, window: fast } },
    step: 'nothing',
  },
  {
    why: 'nothing is known',
    input: { decision: { state: 'blind', reason: '?' } },
    step: 'nothing',
  },
  { why: 'it is calm', input: { decision: quiet }, step: 'nothing' },
  { why: 'it has a ticket', input: { ticket: { askedAt: NOW, isOver: false } }, step: 'nothing' },
  {
    why: 'its ticket hears that it stopped',
    input: { decision: quiet, ticket: { askedAt: NOW, isOver: false } },
    step: 'comment',
  },
  {
    why: 'and hears it once',
    input: { decision: quiet, ticket: { askedAt: NOW, isOver: true } },
    step: 'nothing',
  },
  {
    why: 'within a week it goes on in the same ticket',
    input: { ticket: { askedAt: NOW - SAME_TICKET_MS + 1, isOver: true } },
    step: 'comment',
  },
  {
    why: 'after a week it is other work',
    input: { ticket: { askedAt: NOW - SAME_TICKET_MS, isOver: true } },
    step: 'open',
  },
  {
    why: 'an incident tells of it',
    input: { incident: { id: 'INC-7' }, lastBadAt: NOW },
    step: 'nothing',
  },
  {
    why: 'an incident told of these failures',
    input: { incident: { id: 'INC-7', recoveredAt: NOW }, lastBadAt: NOW },
    step: 'nothing',
  },
  {
    why: 'runs are bad since that incident',
    input: { incident: { id: 'INC-7', recoveredAt: NOW - 1 }, lastBadAt: NOW },
    step: 'open',
  },
])('$why → $step', ({ input, step }) => {
  const usual = { decision: burning, ticket: undefined, incident: undefined, lastBadAt: NOW }
  expect(slowBurnTicket({ ...usual, now: NOW, ...input }).do).toBe(step)
})
