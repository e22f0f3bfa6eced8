import type { Role } from '../../protocol/access.ts'
import type { Me } from '../../protocol/people-api.ts'
import { PATHS } from '../../protocol/public-paths.ts'
import { fetchJson, turnedAwayStore } from './fetch-json.ts'
import { pageConnection } from './page-connection.ts'
import { createValueStore } from './value-store.ts'

/**
 * Who uses the page.
 *
 * - `asking`: until the coordinator has said so for the first time.
 * - `outside`: nobody is signed in; only the sign-in page is shown.
 * - `inside`: somebody is, or nobody has to; also while the coordinator cannot be asked, since the page then
 *   says so by itself.
 * - `ended`: somebody was, and is no more. The page stays as it is, with what was typed, and asks.
 */
export type Session = { state: 'asking' | 'outside' | 'inside' | 'ended'; me: Me | undefined }

export const sessionStore = createValueStore<Session>({ state: 'asking', me: undefined })

/** Takes over what the coordinator says of who asks. */
export function adopt(me: Me): void {
  const { state, me: before } = sessionStore.get()
  if (me.caller) {
    sessionStore.set({ state: 'inside', me })
    // What was asked for meanwhile was refused.
    if (state === 'ended') pageConnection.refresh()
    return
  }
  const wasInside = state === 'ended' || (state === 'inside' && before?.caller !== undefined)
  // Whose page it is stays known, so that it stays as it is.
  sessionStore.set(
    wasInside
      ? { state: 'ended', me: { ...me, caller: before?.caller } }
      : { state: 'outside', me },
  )
}

/** Asks who uses the page. */
export async function askWhoIsThere(): Promise<void> {
  const answer = await fetchJson<Me>(PATHS.me, new AbortController().signal)
  if ('data' in answer) adopt(answer.data)
  else if (sessionStore.get().state === 'asking')
    sessionStore.set({ state: 'inside', me: undefined })
}

/** Follows whether the session lasts: an answer may say that it does not, and another tab may have begun one. */
export function startSession(): void {
  void askWhoIsThere()
  turnedAwayStore.follow(() => {
    if (sessionStore.get().state === 'inside') void askWhoIsThere()
  })
  document.addEventListener('visibilitychange', () => {
    const isAway = ['outside', 'ended'].includes(sessionStore.get().state)
    if (document.visibilityState === 'visible' && isAway) void askWhoIsThere()
  })
}

/** Ends the session, here or everywhere, and shows the sign-in page. */
export async function signOut(isEverywhere = false): Promise<void> {
  const body = { everywhere: isEverywhere }
  await fetchJson(PATHS.signOut, new AbortController().signal, body)
  // Everything that was loaded goes with the page.
  location.assign('/')
}

const RANK: Record<Role, number> = { viewer: 0, responder: 1, admin: 2 }

/** Whether who uses the page may do what this role may. Only a hint: the coordinator decides. */
export const mayAs = (me: Me | undefined, role: Role): boolean =>
  RANK[me?.caller?.role ?? 'admin'] >= RANK[role]

/** Whose deeds they are, where people sign in; undefined where they write their name. */
export const ownLogin = (me: Me | undefined): string | undefined => me?.caller?.login
