/**
 * True when something that is looked at every so often is due. Also when it would be due further away
 * than its interval: then the clock was set back, which must not stop the looking.
 *
 * @param dueAt undefined before the first look.
 */
export const isDue = (dueAt: number | undefined, everyMs: number, now: number): boolean =>
  dueAt === undefined || dueAt <= now || dueAt > now + everyMs
