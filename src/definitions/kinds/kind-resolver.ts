import type { CheckKind, CheckOf } from '../../protocol/check.ts'
import type { Addresses, Auth, checkBase } from '../../protocol/check-base.ts'
import type { WrittenOf } from '../../protocol/check-file.ts'
import { type Expectation, resolveExpectations } from '../../protocol/expectation.ts'
import { judgeExpectations, type TryPattern } from '../../protocol/judge-expectations.ts'

/** Where a kind finds what stands in other files. */
export type NamedContent = {
  /** Path of the check's journey below `probes/`. */
  script: string | undefined
  /** What is in the file that is named at a path below the check; undefined where none is. */
  content(path: readonly (string | number)[]): string | undefined
}

/** Keys that may be there and undefined. */
type Loose<T> = { [K in keyof T]: T[K] | undefined }

/** What only this kind has. */
export type KindFields<K extends CheckKind> = Loose<
  Omit<CheckOf<K>, Exclude<keyof typeof checkBase, 'name'> | 'kind'>
>

/** One kind of check: how what people write becomes what goes over the wire. The check must be valid. */
export type KindResolver<K extends CheckKind> = {
  /** Total time for one attempt, where nobody says otherwise. */
  timeoutMs: number
  /** Which failures are repeated at once, where nobody says otherwise. */
  retry: 'network' | 'never'
  fields(written: WrittenOf<K>, named: NamedContent): KindFields<K>
  expectations(written: WrittenOf<K>): Expectation[]
}

export const NETWORK_TIMEOUT_MS = 10_000

type Expecting = {
  expect?: Record<string, unknown> | undefined
  should?: Record<string, unknown> | undefined
}

/**
 * What a check expects, and what everybody means who writes such a check and says nothing about it.
 *
 * @param implied subjects with what they must be, unless `expect` says something about them.
 */
export function expectationsOf(
  { expect, should }: Expecting,
  implied: Record<string, unknown>,
  part?: string,
): Expectation[] {
  const missing = Object.entries(implied).filter(([subject]) => expect?.[subject] === undefined)
  return [
    ...resolveExpectations('must', Object.fromEntries(missing), part),
    ...resolveExpectations('must', expect, part),
    ...resolveExpectations('should', should, part),
  ]
}

/** Whether a block of expectations leaves room for a subject to be this text. */
export function mayBe(expect: Expecting['expect'], subject: string, text: string): boolean {
  const expectations = resolveExpectations('must', { [subject]: expect?.[subject] })
  // What people write is short, and matched where the definitions are read.
  const tryPattern: TryPattern = (pattern, value) =>
    new RegExp(pattern, 'u').test(value) ? 'matches' : 'differs'
  const assertions = judgeExpectations(expectations, new Map([[subject, text]]), tryPattern)
  return assertions.every(({ held }) => held)
}

type WrittenTls = {
  serverName?: string | undefined
  clientCertificate?: { certificate: string; key: string } | undefined
}

/** The options of kinds over TLS, with the files that they name. */
export function tlsFields(written: WrittenTls, { content }: NamedContent) {
  const certificate = content(['clientCertificate', 'certificate'])
  return {
    serverName: written.serverName,
    trustedRoots: content(['trustedRoots']),
    clientCertificate:
      written.clientCertificate && certificate !== undefined
        ? { certificate, key: written.clientCertificate.key }
        : undefined,
  }
}

type LooseAuth = { [K in keyof Auth]: unknown }

/** Keys that are undefined do not travel. */
export const authFields = (auth: LooseAuth | undefined): Auth | undefined =>
  auth === undefined ? undefined : (JSON.parse(JSON.stringify(auth)) as Auth)

/** `any` is what is meant when nothing is said, and does not travel. */
export const addressesField = (addresses: Addresses | undefined): Addresses | undefined =>
  addresses === 'any' ? undefined : addresses
