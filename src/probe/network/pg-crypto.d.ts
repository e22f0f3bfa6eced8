/** Parts of `pg` that come without types: how a password is proven without being told. */

declare module 'pg/lib/crypto/sasl.js' {
  export type ScramSession = {
    mechanism: string
    /** What the server gets next. */
    response: string
  }
  /** @throws {Error} when none of the mechanisms is known. */
  export function startSession(mechanisms: readonly string[]): ScramSession
  /** Makes the next response, off the event loop. @throws {Error} on what is not of SCRAM. */
  export function continueSession(
    session: ScramSession,
    password: string,
    serverData: string,
  ): Promise<void>
  /** @throws {Error} when the server does not prove that it knows the password. */
  export function finalizeSession(session: ScramSession, serverData: string): void
}

declare module 'pg/lib/crypto/utils.js' {
  export function postgresMd5PasswordHash(
    user: string,
    password: string,
    salt: Buffer,
  ): Promise<string>
}
