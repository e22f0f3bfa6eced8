import { expect, test } from 'vitest'
import { type CallerClass, decideAccess } from '../../../../src/domain/access/decide-access.ts'
import type { Access, Role } from '../../../../src/protocol/access.ts'

const member = (role: Role): CallerClass => ({ kind: 'member', role })
const CALLERS: Record<string, CallerClass> = {
  unknown: { kind: 'unknown' },
  viewer: member('viewer'),
  responder: member('responder'),
  admin: member('admin'),
  probe: { kind: 'probe' },
  scraper: { kind: 'scraper' },
}

/** Who may call what; everybody who is not named may not. */
const ALLOWED: Record<Access, string[]> = {
  public: Object.keys(CALLERS),
  signed: Object.keys(CALLERS),
  probe: ['probe'],
  metrics: ['viewer', 'responder', 'admin', 'scraper'],
  viewer: ['viewer', 'responder', 'admin'],
  responder: ['responder', 'admin'],
  admin: ['admin'],
}

const CELLS = Object.keys(ALLOWED).flatMap((access) =>
  Object.keys(CALLERS).map((caller) => ({ access: access as Access, caller })),
)

test.each(CELLS)('$caller calls what is for $access', ({ access, caller }) => {
  const decision = decideAccess(access, CALLERS[caller] ?? { kind: 'unknown' })
  expect(decision.kind).toBe(ALLOWED[access].includes(caller) ? 'allowed' : 'refused')
  // Only for who is unknown it helps to sign in.
  if (decision.kind === 'refused')
    expect(decision.because).toBe(caller === 'unknown' ? 'unknown' : 'forbidden')
})
