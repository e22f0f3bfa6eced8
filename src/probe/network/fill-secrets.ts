import { type CheckContext, CheckError } from '../checks/check-runner.ts'
import { isHeaderText, requireSecret } from './require-secret.ts'

const PLACEHOLDER = /\{\{([A-Z][A-Z0-9_]*)\}\}/g

/** What a check declares, and where its values are. */
export type SecretSource = {
  declared: readonly string[] | undefined
  context: Pick<CheckContext, 'secret'>
}

/**
 * Headers as they are sent, by names in lower case: `{{NAME}}` is the secret of that name.
 *
 * @throws {CheckError} `probe.secret_missing`
 */
export function fillSecretHeaders(
  written: Readonly<Record<string, string>>,
  source: SecretSource,
): Record<string, string> {
  const filled = Object.entries(written).map(([name, text]) => {
    const value = fill(text, source, (secret) => secret)
    if (isHeaderText(value)) return [name.toLowerCase(), value]
    throw new CheckError(
      'probe.secret_missing',
      `a secret in the header ${name} has a line break or another character that no header can carry`,
    )
  })
  return Object.fromEntries(filled)
}

/** The same in what comes after an address's host; a secret never says where it leads. */
export function fillSecretUrl(written: string, source: SecretSource): URL {
  const [authority = ''] = /^[^:]+:\/\/[^/?#]*/.exec(written) ?? []
  const rest = written.slice(authority.length)
  return new URL(authority + fill(rest, source, encodeURIComponent))
}

/** What is not declared is no secret, and stays as it was written. */
function fill(
  text: string,
  { declared = [], context }: SecretSource,
  encode: (secret: string) => string,
): string {
  return text.replace(PLACEHOLDER, (placeholder, name: string) =>
    declared.includes(name) ? encode(requireSecret(context.secret, name)) : placeholder,
  )
}
