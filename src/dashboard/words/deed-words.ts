import type { Deed } from '../../protocol/people-api.ts'
import { PATHS } from '../../protocol/public-paths.ts'

/** What people call what they did; the others are called as their address is. */
const WORDS: Readonly<Record<string, string>> = {
  [PATHS.signIn]: 'signed in',
  [PATHS.organisationBack]: 'signed in with the organisation',
  [PATHS.signOut]: 'signed out',
  [PATHS.acceptInvitation]: 'took a one-time link',
  [PATHS.password]: 'changed the password',
  [PATHS.accounts]: 'invited',
  [PATHS.account]: 'changed the account',
  [PATHS.accountInvitation]: 'made a new link for',
  [PATHS.tokens]: 'made the token',
  [PATHS.enrolments]: 'made an enrolment for',
  [PATHS.revokeToken]: 'revoked',
  [PATHS.incidents]: 'declared an incident',
  [PATHS.silences]: 'began a silence',
  [PATHS.endSilence]: 'ended the silence',
  [PATHS.reports]: 'reported a problem',
  [PATHS.runCheck]: 'ran the check',
  '/api/probe/v1/enrol': 'was enrolled in',
}

/** `signed in`, `acknowledge of`; only what is tried is said, the outcome stands beside it. */
export function deedWords({ action }: Pick<Deed, 'action'>): string {
  const path = action.split(' ')[1] ?? action
  const known = WORDS[path]
  if (known !== undefined) return known
  const command = path.startsWith(`${PATHS.incident}/`) && path.split('/').at(-1)
  return command ? `${command.replaceAll('-', ' ')}:` : action
}

export function outcomeWords({ status, code }: Pick<Deed, 'status' | 'code'>): string {
  if (status < 400) return 'done'
  if (status === 403) return `refused: ${code ?? 'not allowed'}`
  return status < 500 ? `not done: ${code ?? status}` : `failed: ${code ?? status}`
}
