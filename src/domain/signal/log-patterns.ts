import type { LogPatternName } from '../../protocol/query.ts'

/**
 * What each pattern is in log lines: phrases, as the programs that write them spell them. Phrases and
 * not expressions, so that Loki and Elasticsearch look for the same.
 */
export const LOG_PATTERNS: { readonly [P in LogPatternName]: readonly string[] } = {
  // Linux, the JVM, Node, Python, Go, Kubernetes.
  'out-of-memory': [
    'out of memory',
    'OutOfMemoryError',
    'heap out of memory',
    'Cannot allocate memory',
    'OOMKilled',
    'oom-kill',
  ],
  'connection-refused': ['connection refused', 'ECONNREFUSED'],
  'connection-timeout': [
    'connection timed out',
    'connect timeout',
    'connection timeout',
    'ETIMEDOUT',
    'i/o timeout',
  ],
  'disk-full': ['no space left on device', 'ENOSPC', 'disk full', 'disk quota exceeded'],
  'tls-failure': [
    'certificate verify failed',
    'certificate has expired',
    'certificate signed by unknown authority',
    'SSLHandshakeException',
    'tls handshake error',
    'handshake failure',
  ],
}

/** Any of a pattern's phrases, whatever the case, as an expression of RE2, which Loki takes. */
export const patternExpression = (name: LogPatternName): string =>
  `(?i)(${LOG_PATTERNS[name].map((phrase) => phrase.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})`
