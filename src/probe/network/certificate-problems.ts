import type { RunErrorType } from '../../protocol/run.ts'

export type CertificateProblem = { type: RunErrorType; words: string }

const untrusted = (words: string): CertificateProblem => ({ type: 'tls.untrusted', words })

const notSignedByKnown = untrusted(
  'no trusted authority signed the certificate; an intermediate certificate may be missing',
)

/** What OpenSSL's verification says, by its code. https://docs.openssl.org/master/man3/X509_STORE_CTX_get_error/ */
export const CERTIFICATE_PROBLEMS = new Map<string, CertificateProblem>(
  Object.entries({
    CERT_HAS_EXPIRED: { type: 'tls.expired', words: 'the certificate has expired' },
    CERT_NOT_YET_VALID: { type: 'tls.not_yet_valid', words: 'the certificate is not valid yet' },
    ERR_TLS_CERT_ALTNAME_INVALID: {
      type: 'tls.host_name',
      words: 'the certificate is for another host',
    },
    HOSTNAME_MISMATCH: { type: 'tls.host_name', words: 'the certificate is for another host' },
    DEPTH_ZERO_SELF_SIGNED_CERT: untrusted('the certificate is self-signed'),
    SELF_SIGNED_CERT_IN_CHAIN: untrusted('its authority is not trusted'),
    UNABLE_TO_GET_ISSUER_CERT: notSignedByKnown,
    UNABLE_TO_GET_ISSUER_CERT_LOCALLY: notSignedByKnown,
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: notSignedByKnown,
    CERT_UNTRUSTED: untrusted('the certificate is not trusted'),
    CERT_REJECTED: untrusted('the certificate is rejected'),
    CERT_REVOKED: untrusted('the certificate was revoked'),
    CERT_SIGNATURE_FAILURE: untrusted("the certificate's signature is wrong"),
    CERT_CHAIN_TOO_LONG: untrusted('the chain of certificates is too long'),
    // All for which Node has no code.
    UNSPECIFIED: untrusted('the chain of certificates breaks a rule, such as who may sign others'),
    INVALID_CA: untrusted('a certificate in the chain may not sign others'),
    PATH_LENGTH_EXCEEDED: untrusted('a certificate in the chain may not sign others this far'),
    INVALID_PURPOSE: untrusted('the certificate is not made for servers'),
  }),
)

/** Codes of a chain that does not lead to an authority. */
export const LACKS_ISSUER: ReadonlySet<string> = new Set([
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])
