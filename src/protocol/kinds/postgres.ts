import { z } from 'zod'
import { Addresses, checkBase, tlsOptions } from '../check-base.ts'
import { addresses, host, port, secretName, written, writtenTlsOptions } from '../written-base.ts'
import { writtenDuration, writtenNumber, writtenText, writtenValues } from '../written-matcher.ts'

/** What is only known to somebody who is logged in. */
const insideExpectations = {
  rows: writtenNumber.optional().describe('How many rows the query gives.'),
  value: writtenValues.optional().describe('The first column of its first row.'),
  inRecovery: z.boolean().optional().describe('true on a replica, false on a primary.'),
  lagSeconds: writtenNumber
    .optional()
    .describe('How far a replica is behind; a primary has no lag, which breaks it.'),
  connectionsUsedPercent: writtenNumber.optional().describe('Of max_connections.'),
  serverVersion: writtenText.optional(),
  query: writtenDuration.optional(),
  write: writtenDuration.optional(),
}

/** What a `postgres` check can expect. Without a word about it, the server must accept connections. */
export const PostgresExpectations = z.strictObject({
  state: writtenText.optional().describe('accepting or rejecting.'),
  ...insideExpectations,
  certificateDaysLeft: writtenNumber.optional(),
  dns: writtenDuration.optional(),
  connect: writtenDuration.optional(),
  exchange: writtenDuration.optional().describe('The request for TLS.'),
  tls: writtenDuration.optional(),
  login: writtenDuration.optional().describe('From the first message until it accepts statements.'),
  total: writtenDuration.optional(),
})

/** `require` encrypts for whoever answers; `verify` asks for a certificate that clients trust. */
export const PostgresSecurity = z.enum(['disable', 'require', 'verify'])

/** A name as SQL has it, at most with its schema; it is quoted when it is used. */
const tableName = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_$]{0,62}(\.[A-Za-z_][A-Za-z0-9_$]{0,62})?$/,
    'expected the name of a table, such as firewatch_probe or ops.firewatch_probe',
  )

// The protocol ends texts with a zero byte.
const startupText = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[^\0]*$/, 'text without zero bytes')

const STATEMENT_LENGTH_MAX = 4_000

/** Keys that mean nothing to a server that nobody logs in to. */
const INSIDE = ['password', 'database', 'query', 'write'] as const

const loginIsThere = (check: {
  user?: string | undefined
  expect?: object | undefined
  should?: object | undefined
}): boolean =>
  check.user !== undefined ||
  (INSIDE.every((key) => !(key in check)) &&
    [check.expect, check.should].every(
      (block) => !Object.keys(block ?? {}).some((subject) => subject in insideExpectations),
    ))

export const WrittenPostgresCheck = z
  .strictObject({
    ...written,
    kind: z.literal('postgres'),
    host,
    port: port.optional().describe('5432 when absent.'),
    security: PostgresSecurity.optional().describe(
      'disable, require or verify; verify when absent, without a user disable.',
    ),
    user: startupText
      .optional()
      .describe(
        'Who logs in. When absent, the server is only asked whether it accepts connections.',
      ),
    password: secretName.optional().describe('Secret that holds the password.'),
    database: startupText.optional().describe("The user's name when absent."),
    query: z
      .string()
      .min(1)
      .max(STATEMENT_LENGTH_MAX)
      .regex(/^[^\0]*$/, 'text without zero bytes')
      .optional()
      .describe('One statement that only reads; SELECT 1 when absent.'),
    write: z
      .strictObject({
        table: tableName.describe(
          'A row of default values is inserted into it, and the transaction rolled back.',
        ),
      })
      .optional(),
    addresses,
    ...writtenTlsOptions,
    expect: PostgresExpectations.optional(),
    should: PostgresExpectations.optional(),
  })
  .refine(loginIsThere, {
    path: ['user'],
    error: 'who logs in: only then can there be a query, a write, and what is expected of them',
  })

export const PostgresCheck = z.object({
  ...checkBase,
  kind: z.literal('postgres'),
  host: z.string(),
  port: z.number().int().min(1).max(65_535),
  security: PostgresSecurity,
  /** Nobody logs in when absent. */
  login: z
    .object({
      user: z.string(),
      /** Secret that holds it. */
      password: z.string().optional(),
      database: z.string(),
      query: z.string(),
      writeTable: z.string().optional(),
    })
    .optional(),
  addresses: Addresses.optional(),
  ...tlsOptions,
})
export type PostgresCheck = z.infer<typeof PostgresCheck>
export type PostgresLogin = NonNullable<PostgresCheck['login']>
