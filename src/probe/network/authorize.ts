import type { Auth } from '../../protocol/check-base.ts'
import { CheckError } from '../checks/check-runner.ts'
import { findToken, type TokenOptions, type TokenParts } from './access-token.ts'
import { isHeaderText, requireSecret } from './require-secret.ts'

/** How a request says who asks. */
export type Authorization = {
  /** Value of the header `authorization`. */
  header: string
  /** The token may be too old for the server, although it should not be. */
  isKept: boolean
  /** The server did not take it: the next request gets another. */
  forget(): void
}

/**
 * What a check logs in with. Whatever is secret of it is masked wherever the run is shown.
 *
 * @throws {CheckError} `probe.secret_missing`; `auth.token` when a server gives no token; `dns.…`,
 * `connect.…`, `tls.…` or `timeout` when it was not reached.
 */
export async function authorize(
  auth: Auth,
  options: TokenOptions,
  parts: TokenParts,
): Promise<Authorization> {
  const { secret, findings } = parts.context
  if (auth.oauth2) {
    const { token, isKept, forget } = await findToken(auth.oauth2, options, parts)
    return { header: `Bearer ${token}`, isKept, forget }
  }
  const fixed = { isKept: false, forget: () => undefined }
  if (auth.bearer !== undefined) {
    const token = headerText(auth.bearer, requireSecret(secret, auth.bearer))
    return { header: `Bearer ${token}`, ...fixed }
  }
  const { username = '', password = '' } = auth.basic ?? {}
  const login = Buffer.from(`${username}:${requireSecret(secret, password)}`).toString('base64')
  findings.secret(`${password} as login`, login)
  return { header: `Basic ${login}`, ...fixed }
}

function headerText(name: string, value: string): string {
  if (isHeaderText(value)) return value
  throw new CheckError(
    'probe.secret_missing',
    `the secret ${name} has a line break or another character that no header can carry`,
  )
}
