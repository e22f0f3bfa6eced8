/**
 * Something in the world got in the way: a server is away, a file is missing, a request is wrong.
 *
 * Match on `code` (listed in `protocol/error-code.ts`), never on the message. For broken invariants
 * of our own use `assert`.
 */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly code: string
  /** True when the same call may succeed later without anybody changing anything. */
  readonly retryable: boolean
  /** How long the caller must wait, where that is known. */
  readonly waitMs: number | undefined

  constructor(
    code: string,
    message: string,
    options: { retryable?: boolean; waitMs?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.code = code
    this.retryable = options.retryable ?? false
    this.waitMs = options.waitMs
  }
}

/** The text of anything that was thrown; JavaScript allows throwing non-errors. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message
  return String(thrown)
}

/** The `code` of an `AppError` or of a system error such as `ECONNREFUSED`; otherwise undefined. */
export function codeOf(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return undefined
  return typeof thrown.code === 'string' ? thrown.code : undefined
}
